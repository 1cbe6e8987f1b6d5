package io.github.gracefulshutdown.web;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for work that stops its own process, which is a JVM of its own here.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(300)
class ExitInWorkTests {

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "task", "request", "spring-exit", "late", "runner" })
	void workThatStopsTheProcessDoesNotWaitForItself(String kind) throws Exception {
		assertThat(run(kind)).contains("which stops the application itself").contains(", 1 completed, 0 abandoned");
	}

	@Test
	void aTaskOfTheCommonPoolThatStopsTheProcessDoesNotWaitForItself() throws Exception {
		assertThat(run("common-pool")).contains("they stop the application itself");
	}

	private String run(String kind) throws Exception {
		try (OwnProcess process = new OwnProcess(this.directory, ExitingApplication.class, "-Xshare:auto", kind)) {
			assertThat(process.awaitExit()).as(process::output).isEqualTo(7);
			return process.output();
		}
	}

	/**
	 * Has a grace period that is much longer than the patience of the test.
	 */
	@SpringBootConfiguration
	@EnableAutoConfiguration
	@Import(ExitController.class)
	public static class ExitingApplication {

		public static void main(String[] arguments) throws Exception {
			String kind = arguments[0];
			SpringApplication application = new SpringApplication(ExitingApplication.class);
			application
				.setWebApplicationType(kind.equals("request") ? WebApplicationType.SERVLET : WebApplicationType.NONE);
			List<String> properties = new ArrayList<>(List.of(EmbeddedServer.TOMCAT.properties()));
			properties.add("server.port=0");
			properties.add("graceful-shutdown.grace-period=300s");
			properties.add("spring.lifecycle.timeout-per-shutdown-phase=300s");
			if (kind.equals("runner")) {
				application.addInitializers((context) -> context.getBeanFactory()
					.registerSingleton("runner", (CommandLineRunner) (ignored) -> System.exit(7)));
			}
			ConfigurableApplicationContext context = application
				.run(properties.stream().map((property) -> "--" + property).toArray(String[]::new));
			AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
			switch (kind) {
				case "task" -> executor.execute(() -> System.exit(7));
				case "common-pool" -> {
					ForkJoinPool.commonPool().execute(() -> System.exit(7));
					// Its threads are daemons: without the main thread, the JVM would
					// exit by
					// itself. A join would run the task on this thread
					new CountDownLatch(1).await();
				}
				case "spring-exit" -> executor.execute(() -> System.exit(SpringApplication.exit(context, () -> 7)));
				case "late" -> {
					executor.execute(() -> {
						while (context.isActive() && !context.isClosed()) {
							Thread.onSpinWait();
						}
						System.exit(7);
					});
					context.close();
				}
				default -> HttpClient.newHttpClient()
					.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port(context) + "/exit")).build(),
							BodyHandlers.discarding());
			}
		}

		private static String port(ApplicationContext context) {
			return context.getEnvironment().getRequiredProperty("local.server.port");
		}

	}

	@RestController
	static class ExitController {

		@GetMapping("/exit")
		void exit() {
			System.exit(7);
		}

	}

}
