package io.github.gracefulshutdown.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.drain.DrainCoordinator;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.JobHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Test for an application whose jar a deployment replaces while it runs. When it stops,
 * no further class can be loaded.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class ReplacedJarTests {

	@Test
	void drainNeedsNoClassThatTheRehearsalHasNotLoaded() throws Exception {
		closeWithoutJar((type, application, closed) -> {
			await().until(() -> type.getMethod("state").invoke(application), "DRAINING"::equals);
			type.getMethod("endJob").invoke(application);
			closed.get(30, TimeUnit.SECONDS);
			assertThat(type.getMethod("state").invoke(application)).isEqualTo("DRAINED");
		});
	}

	@Test
	void drainThatExpiresNeedsNoClassThatTheRehearsalHasNotLoaded() throws Exception {
		closeWithoutJar((type, application, closed) -> {
			closed.get(30, TimeUnit.SECONDS);
			assertThat(type.getMethod("state").invoke(application)).isEqualTo("EXPIRED");
			assertThat(type.getMethod("abandoned").invoke(application)).isEqualTo("job");
		}, "--graceful-shutdown.grace-period=2s");
	}

	private static void closeWithoutJar(Check check, String... arguments) throws Exception {
		Thread thread = Thread.currentThread();
		ClassLoader contextClassLoader = thread.getContextClassLoader();
		try (URLClassLoader classLoader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
			thread.setContextClassLoader(classLoader);
			Class<?> type = classLoader.loadClass(Application.class.getName());
			Object application = type.getMethod("start", String[].class).invoke(null, (Object) arguments);
			await().pollDelay(Duration.ZERO).until(() -> !isAlive("drain-rehearsal"));
			classLoader.close();
			CompletableFuture<Void> closed = CompletableFuture.runAsync((Runnable) application,
					(code) -> new Thread(code, "closing").start());
			check.run(type, application, closed);
		}
		finally {
			thread.setContextClassLoader(contextClassLoader);
		}
	}

	private static URL[] classPath() throws IOException {
		List<URL> classPath = new ArrayList<>();
		for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
			classPath.add(new File(path).toURI().toURL());
		}
		return classPath.toArray(URL[]::new);
	}

	private static boolean isAlive(String thread) {
		return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).anyMatch(thread::equals);
	}

	/**
	 * Application with a class loader of its own. Its job is in flight until
	 * {@link #endJob()}. It has no hook in the JVM, because a context that cannot be
	 * closed would keep the JVM from stopping.
	 */
	public static class Application implements Runnable {

		private final ConfigurableApplicationContext context;

		private final GracefulShutdown shutdown;

		private final DrainCoordinator coordinator;

		private final JobHandle job;

		Application(ConfigurableApplicationContext context) {
			this.context = context;
			this.shutdown = context.getBean(GracefulShutdown.class);
			this.coordinator = context.getBean(DrainCoordinator.class);
			this.job = context.getBean(BackgroundJobs.class).track("job");
		}

		public static Object start(String... arguments) {
			SpringApplication application = new SpringApplication(Beans.class);
			application.setWebApplicationType(WebApplicationType.NONE);
			application.setRegisterShutdownHook(false);
			return new Application(application.run(arguments));
		}

		/**
		 * Close the context.
		 */
		@Override
		public void run() {
			this.context.close();
		}

		public String state() {
			DrainState state = this.shutdown.state();
			return state.name();
		}

		public String abandoned() {
			DrainReport report = Objects.requireNonNull(this.coordinator.getReport());
			return report.abandoned().stream().map(WorkSnapshot::name).collect(Collectors.joining(","));
		}

		public void endJob() {
			this.job.close();
		}

	}

	/**
	 * Checks an application that is being closed.
	 */
	private interface Check {

		void run(Class<?> type, Object application, CompletableFuture<Void> closed) throws Exception;

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
			TaskExecutionAutoConfiguration.class, TaskSchedulingAutoConfiguration.class,
			GracefulShutdownAutoConfiguration.class, BackgroundJobAutoConfiguration.class,
			ExecutorDrainAutoConfiguration.class, IntakeDrainAutoConfiguration.class })
	static class Beans {

	}

}
