package io.github.gracefulshutdown.autoconfigure;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.drain.DrainLifecycle;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for an application context that fails to start.
 *
 * @author The Graceful Shutdown authors
 */
class ContextFailureTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	private final CompletableFuture<DrainLifecycle> lifecycle = new CompletableFuture<>();

	private final CompletableFuture<DrainRecorder> recorder = new CompletableFuture<>();

	@Test
	void aContextThatLivesTakesPartInTheShutdownOfTheJvm() {
		this.contextRunner.run((context) -> assertThat(takesPart(context.getBean(DrainLifecycle.class))).isTrue());
	}

	@Test
	void aContextThatIsClosedTakesPartNoLonger() {
		this.contextRunner.run((context) -> {
			DrainLifecycle lifecycle = context.getBean(DrainLifecycle.class);
			context.close();
			assertThat(takesPart(lifecycle)).isFalse();
		});
	}

	@Test
	void aContextWhoseBeanCannotBeCreatedTakesNoPart() {
		this.contextRunner.withBean(FailingBean.class, this.lifecycle).run((context) -> {
			assertThat(context).getFailure().rootCause().hasMessage("Test");
			assertThat(this.lifecycle).isCompleted();
			assertThat(takesPart(this.lifecycle.join())).isFalse();
		});
	}

	@Test
	void nothingIsDrainedWhenALifecycleCannotBeStarted() {
		this.contextRunner.withBean(DrainRecorder.class)
			.withBean(FailingLifecycle.class, this.lifecycle, this.recorder)
			.run((context) -> {
				assertThat(context).getFailure().rootCause().hasMessage("Test");
				assertThat(this.lifecycle).isCompleted();
				assertThat(takesPart(this.lifecycle.join())).isFalse();
				DrainRecorder recorder = this.recorder.join();
				assertThat(recorder.getReports()).isEmpty();
				assertThat(recorder.getInFlight()).isOne();
				GracefulShutdown shutdown = recorder.getShutdown();
				assertThat(shutdown.state()).isEqualTo(DrainState.RUNNING);
			});
	}

	private static boolean takesPart(DrainLifecycle lifecycle) {
		Object jvm = Objects.requireNonNull(ReflectionTestUtils.getField(lifecycle, "jvm"));
		Set<?> participants = (Set<?>) Objects.requireNonNull(ReflectionTestUtils.getField(jvm, "participants"));
		return participants.contains(ReflectionTestUtils.getField(lifecycle, "participant"));
	}

	static class FailingBean {

		FailingBean(CompletableFuture<DrainLifecycle> reference, DrainLifecycle lifecycle) {
			reference.complete(lifecycle);
			throw new IllegalStateException("Test");
		}

	}

	static class FailingLifecycle extends FailedStartTests.FailingLifecycle {

		FailingLifecycle(CompletableFuture<DrainLifecycle> lifecycleReference,
				CompletableFuture<DrainRecorder> recorderReference, DrainLifecycle lifecycle, DrainRecorder recorder) {
			lifecycleReference.complete(lifecycle);
			recorderReference.complete(recorder);
		}

	}

}
