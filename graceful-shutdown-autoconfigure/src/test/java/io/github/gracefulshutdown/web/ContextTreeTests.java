package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ServingStoppedEvent;
import io.github.gracefulshutdown.job.BackgroundJob;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the drain of parent and child contexts.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class ContextTreeTests {

	private @Nullable ConfigurableApplicationContext parent;

	@AfterEach
	void close() {
		if (this.parent != null) {
			this.parent.close();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aRequestInFlightInAChildCanStartAJobOfItsParent(boolean enabled) throws Exception {
		ConfigurableApplicationContext child = run(web(services()), "--graceful-shutdown.enabled=" + enabled);
		ConfigurableApplicationContext parent = parentOf(child);
		assertThatARequestCanStartAJobOfTheParent(child, parent);
	}

	@Test
	void aRequestInFlightInAGrandchildCanStartAJobOfTheRoot() throws Exception {
		ConfigurableApplicationContext grandchild = run(
				web(services().child(Middle.class).web(WebApplicationType.NONE)));
		assertThatARequestCanStartAJobOfTheParent(grandchild, parentOf(parentOf(grandchild)));
	}

	@Test
	void allContextsHaveOneDeadlineAndTheChildIsClosedBeforeTheParentIsDrained() throws Exception {
		ConfigurableApplicationContext child = run(web(services()), "--graceful-shutdown.grace-period=40s");
		ConfigurableApplicationContext parent = parentOf(child);
		GracefulShutdown childShutdown = child.getBean(GracefulShutdown.class);
		CompletableFuture<Boolean> childIsOpen = new CompletableFuture<>();
		parent.getBean(Recorder.class).onServingStopped = () -> childIsOpen.complete(child.isActive());
		try (RawConnection connection = new RawConnection(port(child))) {
			connection.send("/call/one");
			child.getBean(HeldRequests.class).awaitArrival("one");
			CompletableFuture<DrainReport> report = parent.getBean(GracefulShutdown.class)
				.shutdown("test")
				.toCompletableFuture();
			await().until(() -> childShutdown.state() == DrainState.DRAINING);
			assertThat(childShutdown.remaining()).isCloseTo(parent.getBean(GracefulShutdown.class).remaining(),
					Duration.ofSeconds(2));
			assertThat(childIsOpen).isNotDone();
			child.getBean(HeldRequests.class).release("one");
			assertThat(connection.receive()).startsWith("http/1.1 200");
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(childIsOpen).isCompletedWithValue(false);
		}
		await().until(() -> !parent.isActive());
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void theLogNamesTheContextIfThereAreSeveral(CapturedOutput output) {
		ConfigurableApplicationContext child = run(web(services()), "--spring.application.name=orders");
		parentOf(child).close();
		assertThat(output).contains("orders: Shutting down", "orders-1: Shutting down");
	}

	@Test
	void listenersOfTheParentAreNotifiedOnce() {
		ConfigurableApplicationContext child = run(web(services()));
		ConfigurableApplicationContext parent = parentOf(child);
		Recorder recorder = parent.getBean(Recorder.class);
		parent.close();
		assertThat(recorder.events).containsExactly("DrainStartedEvent", "ServingStoppedEvent", "DrainCompletedEvent");
	}

	@Test
	void aChildThatIsClosedAloneLeavesItsParentRunning() {
		ConfigurableApplicationContext child = run(web(services()));
		ConfigurableApplicationContext parent = parentOf(child);
		Recorder recorder = parent.getBean(Recorder.class);
		child.close();
		assertThat(parent.getBean(GracefulShutdown.class).state()).isEqualTo(DrainState.RUNNING);
		assertThat(recorder.events).isEmpty();
		parent.close();
		assertThat(recorder.events).hasSize(3);
	}

	@Test
	void aChildWithoutADrainIsClosedWithItsParent() {
		ConfigurableApplicationContext child = run(web(services())
			.initializers((context) -> TestPropertyValues.of("graceful-shutdown.enabled=false").applyTo(context)));
		ConfigurableApplicationContext parent = parentOf(child);
		assertThat(child.getBeanFactory().getBeanNamesForType(GracefulShutdown.class)).isEmpty();
		Recorder recorder = parent.getBean(Recorder.class);
		parent.close();
		assertThat(child.isActive()).isFalse();
		assertThat(recorder.reports).extracting(DrainReport::state).containsExactly(DrainState.DRAINED);
	}

	@Test
	void aChildMayCloseItsParent() {
		ConfigurableApplicationContext child = run(web(services()));
		ConfigurableApplicationContext parent = parentOf(child);
		child.addApplicationListener((ContextClosedEvent event) -> parent.close());
		Recorder recorder = parent.getBean(Recorder.class);
		child.close();
		assertThat(parent.isActive()).isFalse();
		assertThat(recorder.reports).extracting(DrainReport::duration)
			.allSatisfy((duration) -> assertThat(duration).isLessThan(Duration.ofSeconds(15)));
	}

	private static void assertThatARequestCanStartAJobOfTheParent(ConfigurableApplicationContext child,
			ConfigurableApplicationContext parent) throws Exception {
		Recorder recorder = parent.getBean(Recorder.class);
		int port = port(child);
		HeldRequests requests = child.getBean(HeldRequests.class);
		try (RawConnection connection = new RawConnection(port)) {
			connection.send("/call/one");
			requests.awaitArrival("one");
			Thread closing = new Thread(parent::close);
			closing.start();
			await().until(() -> isRefused(port));
			requests.release("one");
			assertThat(connection.receive()).startsWith("http/1.1 200");
			closing.join();
		}
		assertThat(recorder.finished).hasValue(1);
		assertThat(child.isActive()).isFalse();
	}

	private static SpringApplicationBuilder services() {
		return new SpringApplicationBuilder(Services.class).web(WebApplicationType.NONE)
			.properties(EmbeddedServer.TOMCAT.properties());
	}

	private static SpringApplicationBuilder web(SpringApplicationBuilder parent) {
		return parent.child(Web.class).web(WebApplicationType.SERVLET);
	}

	private ConfigurableApplicationContext run(SpringApplicationBuilder application, String... arguments) {
		ConfigurableApplicationContext child = application.properties("server.port=0").run(arguments);
		ConfigurableApplicationContext root = child;
		while (root.getParent() != null) {
			root = parentOf(root);
		}
		this.parent = root;
		return child;
	}

	private static ConfigurableApplicationContext parentOf(ConfigurableApplicationContext context) {
		return (ConfigurableApplicationContext) Objects.requireNonNull(context.getParent());
	}

	private static int port(ConfigurableApplicationContext context) {
		return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

	private static boolean isRefused(int port) throws IOException {
		try (RawConnection connection = new RawConnection(port)) {
			return false;
		}
		catch (ConnectException ex) {
			return true;
		}
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	@EnableAsync
	@Import({ Recorder.class, Jobs.class })
	static class Services {

	}

	static class Recorder {

		final AtomicInteger finished = new AtomicInteger();

		final List<String> events = new CopyOnWriteArrayList<>();

		final List<DrainReport> reports = new CopyOnWriteArrayList<>();

		volatile Runnable onServingStopped = () -> {
		};

		@EventListener
		void on(DrainStartedEvent event) {
			this.events.add("DrainStartedEvent");
		}

		@EventListener
		void on(ServingStoppedEvent event) {
			this.events.add("ServingStoppedEvent");
			this.onServingStopped.run();
		}

		@EventListener
		void on(DrainCompletedEvent event) {
			this.events.add("DrainCompletedEvent");
			this.reports.add(event.report());
		}

	}

	static class Jobs {

		private final Recorder recorder;

		Jobs(Recorder recorder) {
			this.recorder = recorder;
		}

		@Async
		@BackgroundJob("invite")
		void invite() {
			this.recorder.finished.incrementAndGet();
		}

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Middle {

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	@Import({ HeldRequests.class, Controller.class })
	static class Web {

	}

	@RestController
	static class Controller {

		private final Jobs jobs;

		private final HeldRequests requests;

		Controller(Jobs jobs, HeldRequests requests) {
			this.jobs = jobs;
			this.requests = requests;
		}

		@GetMapping("/call/{id}")
		String call(@PathVariable String id) throws InterruptedException {
			this.requests.hold(id);
			this.jobs.invite();
			return "done";
		}

	}

}
