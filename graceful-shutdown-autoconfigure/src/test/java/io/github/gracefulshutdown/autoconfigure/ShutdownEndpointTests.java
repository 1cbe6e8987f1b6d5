package io.github.gracefulshutdown.autoconfigure;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.management.ObjectName;

import io.github.gracefulshutdown.DrainCompletedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.context.ShutdownEndpoint;
import org.springframework.boot.admin.SpringApplicationAdminMXBeanRegistrar;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the ways in which Spring Boot lets operators stop an application: they close
 * its context, and mean its end.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class ShutdownEndpointTests {

	private final CountDownLatch go = new CountDownLatch(1);

	private final List<String> causes = new CopyOnWriteArrayList<>();

	private final CompletableFuture<String> outcome = new CompletableFuture<>();

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aLongRunnerIsNotInterrupted(boolean enabled) {
		ConfigurableApplicationContext context = start(enabled, ShutdownEndpoint.class, this::runForLong);
		context.getBean(ShutdownEndpoint.class).shutdown();
		await().until(context::isClosed);
		// Loops in tests are interrupted after a second
		await().pollDelay(Duration.ofMillis(1500)).until(() -> !this.outcome.isDone());
		this.go.countDown();
		assertThat(this.outcome.orTimeout(30, TimeUnit.SECONDS).join()).isEqualTo("done");
		await().until(() -> !context.isActive());
		assertThat(this.causes).isEqualTo(enabled ? List.of("actuator shutdown endpoint") : List.of());
	}

	@Test
	void theMBeanIsAReasonOfItsOwn() throws Exception {
		String name = "graceful-shutdown-test:type=Admin";
		this.go.countDown();
		start(true, Admin.class, this::runForLong);
		ManagementFactory.getPlatformMBeanServer().invoke(new ObjectName(name), "shutdown", null, null);
		assertThat(this.causes).containsExactly("SpringApplicationAdminMXBean");
	}

	private void runForLong(String... arguments) {
		try {
			this.outcome.complete(this.go.await(30, TimeUnit.SECONDS) ? "done" : "timeout");
		}
		catch (InterruptedException ex) {
			this.outcome.complete("interrupted");
		}
	}

	private ConfigurableApplicationContext start(boolean enabled, Class<?> type, CommandLineRunner runner) {
		CompletableFuture<ConfigurableApplicationContext> started = new CompletableFuture<>();
		new Thread(() -> new SpringApplicationBuilder(Application.class, type).web(WebApplicationType.NONE)
			.properties("graceful-shutdown.enabled=" + enabled)
			.listeners(new Causes(this.causes))
			.initializers((ApplicationContextInitializer<GenericApplicationContext>) (context) -> context
				.registerBean(CommandLineRunner.class, () -> (arguments) -> {
					started.complete(context);
					runner.run(arguments);
				}))
			.run(), "starter").start();
		return started.orTimeout(30, TimeUnit.SECONDS).join();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ ApplicationAvailabilityAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
			BackgroundJobAutoConfiguration.class })
	static class Application {

	}

	private record Causes(
			List<String> causes) implements ApplicationListener<PayloadApplicationEvent<DrainCompletedEvent>> {

		@Override
		public void onApplicationEvent(PayloadApplicationEvent<DrainCompletedEvent> event) {
			this.causes.add(event.getPayload().report().cause());
		}

	}

	static class Admin extends SpringApplicationAdminMXBeanRegistrar {

		Admin() throws Exception {
			super("graceful-shutdown-test:type=Admin");
		}

	}

}
