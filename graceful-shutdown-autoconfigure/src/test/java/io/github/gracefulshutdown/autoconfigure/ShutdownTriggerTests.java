package io.github.gracefulshutdown.autoconfigure;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ShutdownTrigger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ShutdownTrigger} beans, and for an application without shutdown hook.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class ShutdownTriggerTests {

	private final CountDownLatch stop = new CountDownLatch(1);

	private final CountDownLatch interrupted = new CountDownLatch(1);

	private final AtomicReference<@Nullable Thread> awaiting = new AtomicReference<>();

	private @Nullable ConfigurableApplicationContext context;

	@AfterEach
	void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

	@Test
	void theReasonOfATriggerIsInTheReport() {
		ConfigurableApplicationContext context = run(() -> reason("poison pill"), this::untilInterrupted);
		DrainRecorder recorder = context.getBean(DrainRecorder.class);
		assertThat(context.isActive()).isTrue();
		this.stop.countDown();
		await().until(() -> !context.isActive());
		assertThat(recorder.getReports()).singleElement()
			.satisfies((report) -> assertThat(report.cause()).isEqualTo("poison pill"));
	}

	@Test
	void withoutAReasonTheNameOfTheBeanIsInTheReport() {
		ConfigurableApplicationContext context = run(() -> reason(null), this::untilInterrupted);
		DrainRecorder recorder = context.getBean(DrainRecorder.class);
		this.stop.countDown();
		await().until(() -> !context.isActive());
		assertThat(recorder.getReports()).singleElement()
			.satisfies((report) -> assertThat(report.cause()).isEqualTo("trigger0"));
	}

	@Test
	void aTriggerThatFailsDoesNotStopTheApplication(CapturedOutput output) {
		ConfigurableApplicationContext context = run(() -> {
			throw new IllegalStateException("queue is away");
		}, () -> reason("another"));
		await().until(() -> output.toString().contains("The shutdown trigger 'trigger0' failed"));
		assertThat(output).contains("queue is away");
		assertThat(context.isActive()).isTrue();
		this.stop.countDown();
		await().until(() -> !context.isActive());
	}

	@Test
	void aTriggerIsInterruptedWhenTheApplicationStopsOtherwise(CapturedOutput output) throws InterruptedException {
		ConfigurableApplicationContext context = run(this::untilInterrupted);
		await().until(() -> this.awaiting.get() != null);
		assertThat(this.awaiting.get()).isNotNull()
			.satisfies((thread) -> assertThat(thread.isDaemon()).isTrue())
			.satisfies((thread) -> assertThat(thread.getName()).isEqualTo("drain-trigger-trigger0"));
		context.close();
		assertThat(this.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(output).doesNotContain("The shutdown trigger");
	}

	@Test
	void aTriggerGoesOnInStandby() {
		ConfigurableApplicationContext context = run(() -> reason("poison pill"));
		DrainRecorder recorder = context.getBean(DrainRecorder.class);
		context.getBean(GracefulShutdown.class).standBy("test");
		this.stop.countDown();
		await().until(() -> !context.isActive());
		assertThat(recorder.getReports()).singleElement()
			.satisfies((report) -> assertThat(report.cause()).isEqualTo("poison pill"));
	}

	@Test
	void aMissingShutdownHookIsSaidAtStartUp(CapturedOutput output) {
		SpringApplication application = application();
		this.context = application.run("--spring.main.register-shutdown-hook=false");
		assertThat(output)
			.contains("spring.main.register-shutdown-hook is false: SIGTERM ends the JVM without a drain");
	}

	@Test
	void aShutdownHookIsNotWorthALine(CapturedOutput output) {
		run();
		assertThat(output).doesNotContain("register-shutdown-hook");
	}

	private @Nullable String reason(@Nullable String reason) throws InterruptedException {
		this.stop.await();
		return reason;
	}

	private String untilInterrupted() throws InterruptedException {
		this.awaiting.set(Thread.currentThread());
		try {
			new CountDownLatch(1).await();
			return "never";
		}
		catch (InterruptedException ex) {
			this.interrupted.countDown();
			throw ex;
		}
	}

	private ConfigurableApplicationContext run(ShutdownTrigger... triggers) {
		SpringApplication application = application();
		application.addInitializers((context) -> {
			GenericApplicationContext generic = (GenericApplicationContext) context;
			for (int i = 0; i < triggers.length; i++) {
				ShutdownTrigger trigger = triggers[i];
				generic.registerBean("trigger" + i, ShutdownTrigger.class, () -> trigger);
			}
		});
		ConfigurableApplicationContext context = application.run();
		this.context = context;
		return context;
	}

	private SpringApplication application() {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		return application;
	}

	@Configuration(proxyBeanMethods = false)
	@Import(DrainRecorder.class)
	@ImportAutoConfiguration({ ApplicationAvailabilityAutoConfiguration.class,
			GracefulShutdownAutoConfiguration.class })
	static class Application {

	}

}
