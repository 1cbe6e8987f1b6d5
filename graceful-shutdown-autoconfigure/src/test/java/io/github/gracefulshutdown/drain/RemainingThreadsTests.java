package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.Banner.Mode;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link RemainingThreads}.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class RemainingThreadsTests {

	private static final StackTraceElement[] STACK = { new StackTraceElement("Poller", "poll", "Poller.java", 7) };

	@Test
	void threeAreNamedWithTheirPlace() {
		Map<Thread, StackTraceElement[]> threads = new LinkedHashMap<>();
		for (String name : new String[] { "d", "c", "a\n", "b" }) {
			threads.put(new Thread(null, null, name), STACK);
		}
		assertThat(RemainingThreads.describe(threads)).isEqualTo(
				"The application is closed, but its JVM is kept alive by 4 threads: 'a ' at Poller.poll(Poller.java:7), "
						+ "'b' at Poller.poll(Poller.java:7), 'c' at Poller.poll(Poller.java:7), ...");
	}

	@Test
	void daemonsAndThreadsWithoutCodeDoNotCount() {
		Thread daemon = new Thread(null, null, "daemon");
		daemon.setDaemon(true);
		assertThat(RemainingThreads
			.describe(Map.of(daemon, STACK, new Thread(null, null, "DestroyJavaVM"), new StackTraceElement[0])))
			.isNull();
	}

	@Test
	void nothingIsLoggedWhereItDoesNotMatter(CapturedOutput output) {
		// Those of applications that other tests have closed
		await().until(() -> !isWaiting());
		int before = output.getAll().length();
		CountDownLatch asked = new CountDownLatch(1);
		RemainingThreads.logLater(Duration.ofMillis(1), () -> {
			asked.countDown();
			return false;
		});
		await().until(() -> asked.getCount() == 0 && !isWaiting());
		assertThat(output.getAll().substring(before)).doesNotContain("kept alive");
	}

	@Test
	void theyAreNotLookedForWhereOnlyTheContextIsClosed() {
		await().until(() -> !isWaiting());
		new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE).bannerMode(Mode.OFF).run().close();
		assertThat(isWaiting()).isFalse();
	}

	private static boolean isWaiting() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.anyMatch((thread) -> thread.getName().equals("drain-remaining-threads"));
	}

	@ImportAutoConfiguration({ ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
			GracefulShutdownAutoConfiguration.class })
	static class Application {

	}

}
