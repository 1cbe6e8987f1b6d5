package io.github.gracefulshutdown.web;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the ways out of a JVM of its own that does not handle signals.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(300)
class WaysOutTests {

	@TempDir
	private Path directory;

	@Test
	void aThreadThatKeepsTheJvmAliveAfterAShutdownIsNamed() throws Exception {
		try (OwnProcess process = start("shutdown")) {
			process.awaitOutput("'poller' at ");
			assertThat(process.output()).contains("The JVM does not handle SIGTERM, because of -Xrs")
				.contains("Shutting down (test): 1 task in flight")
				.contains("1 completed, 0 abandoned");
		}
	}

	@Test
	void withoutSignalsTheExitOfTheJvmDrains() throws Exception {
		try (OwnProcess process = start("exit")) {
			assertThat(process.awaitExit()).as(process::output).isEqualTo(7);
			assertThat(process.output()).contains("The JVM does not handle SIGTERM, because of -Xrs")
				.contains("exit of the JVM): 1 task in flight")
				.contains("1 completed, 0 abandoned")
				.doesNotContain("kept alive");
		}
	}

	private OwnProcess start(String wayOut) throws Exception {
		return new OwnProcess(this.directory, WaysOutApplication.class, "-Xrs", wayOut,
				"--graceful-shutdown.progress-interval=100ms", "--spring.batch.job.enabled=false");
	}

	/**
	 * Ends itself while a task is in flight.
	 */
	@SpringBootConfiguration
	@EnableAutoConfiguration(exclude = QuartzAutoConfiguration.class)
	public static class WaysOutApplication {

		public static void main(String[] arguments) throws Exception {
			SpringApplication application = new SpringApplication(WaysOutApplication.class);
			application.setWebApplicationType(WebApplicationType.NONE);
			ConfigurableApplicationContext context = application.run(arguments);
			new Thread(WaysOutApplication::sleep, "poller").start();
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			CountDownLatch begun = new CountDownLatch(1);
			context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class).execute(() -> {
				begun.countDown();
				while (shutdown.state() != DrainState.DRAINING) {
					Thread.onSpinWait();
				}
			});
			begun.await();
			if (arguments[0].equals("exit")) {
				System.exit(7);
			}
			shutdown.shutdown("test");
		}

		private static void sleep() {
			try {
				TimeUnit.MINUTES.sleep(10);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
