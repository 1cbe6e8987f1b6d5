package io.github.gracefulshutdown.durable;

import java.util.Objects;

import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for durable jobs in the database of a server.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
abstract class ServerDurableJobTests extends DurableJobTests {

	/**
	 * Stop the server as a crash does.
	 */
	abstract void stopServer();

	abstract void startServer();

	/**
	 * Return the session that holds the lock of the instance.
	 * @return its number, or {@code null} if there is none
	 */
	abstract @Nullable Integer lockHolder();

	abstract void endSession(int session);

	abstract InstanceLock newLock(String instance);

	@Test
	void aLockThatIsLostIsTakenAgainWithoutHarm() {
		Jobs jobs = start();
		jobs.gated("1");
		gate().awaitArrivals(1);
		Integer lost = Objects.requireNonNull(lockHolder());
		endSession(lost);
		await().until(() -> {
			Integer holder = lockHolder();
			return holder != null && !lost.equals(holder);
		});
		Integer holder = lockHolder();
		long seen = seenAt();
		await().until(() -> seenAt() > seen + 1000);
		assertThat(lockHolder()).as("it remains taken").isEqualTo(holder);
		assertThat(gate().getInterrupts()).isZero();
		gate().open();
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("1"));
	}

	private long seenAt() {
		return Objects.requireNonNull(jdbc().queryForObject("select seen_at from durable_instances", Long.class));
	}

	@Test
	void anInstanceThatIsSilentIsDeadOnlyWhenItsSessionHasEnded() throws Exception {
		InstanceLock lock = newLock("silent");
		assertThat(lock.acquire()).isTrue();
		InstanceLock other = newLock("other");
		jdbc().update("update durable_instances set seen_at = 1");
		JobStore.TakenOver jobs = new JobStore.TakenOver(0, 0);
		assertThat(other.ifDead("silent", () -> jobs)).isEmpty();
		endSession(Objects.requireNonNull(lockHolder()));
		await().untilAsserted(() -> assertThat(other.ifDead("silent", () -> jobs)).contains(jobs));
	}

	@Test
	void withoutItsDatabaseAnInstanceInterruptsItsJobsAndRecovers(CapturedOutput output) {
		Jobs jobs = start(OFTEN);
		jobs.gated("1");
		gate().awaitArrivals(1);
		stopServer();
		try {
			await().until(() -> gate().getInterrupts() == 1);
		}
		finally {
			startServer();
		}
		gate().open();
		await().untilAsserted(() -> assertThat(jobs.done()).containsExactly("1"));
		awaitNothingStored();
		// If the lock is lost first, nobody uses the store until it works again
		assertThat(output.toString().split("The store of durable jobs fails")).hasSizeBetween(1, 2);
		assertThat(output).containsOnlyOnce("other instances may take them over");
	}

	@Test
	void anInstanceThatIsTakenForDeadInterruptsItsJobs() {
		Jobs jobs = start();
		jobs.gated("1");
		gate().awaitArrivals(1);
		jdbc().update("delete from durable_instances");
		await().until(() -> gate().getInterrupts() == 1);
	}

	@Test
	void anInstanceThatWasTakenOverWhileItsLockWasLostInterruptsItsJobs() {
		Jobs jobs = start();
		jobs.gated("1");
		gate().awaitArrivals(1);
		Integer lost = Objects.requireNonNull(lockHolder());
		jdbc().update("delete from durable_instances");
		endSession(lost);
		await().until(() -> gate().getInterrupts() == 1);
		jobs.order(new DurableApplication.Order("next", null, 1));
		await().untilAsserted(() -> assertThat(jobs.done()).hasSize(1));
	}

}
