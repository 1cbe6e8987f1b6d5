package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link JvmShutdown}, with applications in it.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class JvmShutdownTests {

	private static final SignalSettings SETTINGS = new SignalSettings(true, true);

	private final List<String> story = new CopyOnWriteArrayList<>();

	private final List<DrainReport> reports = new CopyOnWriteArrayList<>();

	private final FakeSignals signals = new FakeSignals(this.story);

	private final AtomicLong later = new AtomicLong();

	private final LongSupplier clock = () -> System.nanoTime() + this.later.get();

	private final JvmShutdown jvm = new JvmShutdown(this.signals, this.clock,
			(status) -> this.story.add("halt " + status));

	private final InFlight inFlight = new InFlight();

	private final TestWorkload jobs = new TestWorkload("jobs", this.inFlight);

	private final List<ConfigurableApplicationContext> contexts = new CopyOnWriteArrayList<>();

	@AfterEach
	void close() {
		this.contexts.forEach(ConfigurableApplicationContext::close);
		// Its last line must not be found in the output of the next test
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().equals("drain-close")));
	}

	@Test
	void aSignalDrainsAndClosesBeforeTheHooksOfTheJvm(CapturedOutput output) {
		ConfigurableApplicationContext context = run("a");
		Work job = this.jobs.begin();
		this.signals.send("TERM");
		await().until(() -> output.toString().contains("Shutting down (SIGTERM): 1 job in flight"));
		assertThat(this.story).isEmpty();
		job.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("hooks after TERM"));
		assertThat(this.story).containsExactly("a drained", "hooks after TERM");
		assertThat(context.isActive()).isFalse();
		assertThat(output).containsOnlyOnce("Closed ");
	}

	@Test
	void aSecondSigtermStartsNothing() {
		run("a");
		Work job = this.jobs.begin();
		this.signals.send("TERM");
		this.later.addAndGet(TimeUnit.SECONDS.toNanos(1));
		this.signals.send("TERM");
		this.signals.send("INT");
		job.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("hooks after TERM"));
		assertThat(this.story).containsExactly("a drained", "hooks after TERM");
	}

	@Test
	void twoApplicationsDrainSideBySide() {
		run("a", this.inFlight, SETTINGS, Duration.ofSeconds(30));
		InFlight other = new InFlight();
		run("b", other, SETTINGS, Duration.ofSeconds(30));
		Work ofA = this.jobs.begin();
		Work ofB = new TestWorkload("jobs", other).begin();
		this.signals.send("TERM");
		ofB.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("b drained"));
		ofA.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("hooks after TERM"));
		assertThat(this.story).containsExactly("b drained", "a drained", "hooks after TERM");
	}

	@Test
	void aChildIsClosedBeforeItsParent() {
		ConfigurableApplicationContext parent = run("parent", new InFlight(), SETTINGS, Duration.ofSeconds(30));
		start("child", this.inFlight, SETTINGS, Duration.ofSeconds(30),
				new SpringApplicationBuilder(Application.class).parent(parent).registerShutdownHook(true));
		Work job = this.jobs.begin();
		this.signals.send("TERM");
		assertThat(parent.isActive()).isTrue();
		job.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("hooks after TERM"));
		assertThat(this.story).containsExactly("child drained", "parent drained", "hooks after TERM");
	}

	@Test
	void aClosingThatHangsDoesNotKeepTheHooksFromRunning() {
		ConfigurableApplicationContext context = run("a", this.inFlight, SETTINGS, Duration.ofMillis(500));
		CountDownLatch release = new CountDownLatch(1);
		context.addApplicationListener((event) -> {
			while (release.getCount() > 0) {
				try {
					release.await();
				}
				catch (InterruptedException ex) {
					// Ignored, as the worst of users' code does
				}
			}
		});
		this.signals.send("TERM");
		await().until(() -> this.story.contains("hooks after TERM"));
		assertThat(context.isActive()).isTrue();
		release.countDown();
	}

	@Test
	void theSignalsAreGivenBackWithTheLastContext() {
		ConfigurableApplicationContext a = run("a");
		ConfigurableApplicationContext b = run("b", new InFlight(), SETTINGS, Duration.ofSeconds(30));
		a.close();
		assertThat(this.signals.taken()).containsExactly("INT", "TERM");
		b.close();
		assertThat(this.signals.taken()).isEmpty();
	}

	@Test
	void aContextThatSpringBootsHookDoesNotCloseTakesNoSignals() {
		start("a", this.inFlight, SETTINGS, Duration.ofSeconds(30),
				new SpringApplicationBuilder(Application.class).registerShutdownHook(false));
		assertThat(this.signals.taken()).isEmpty();
	}

	@Test
	void noSignalsAreTakenIfThatIsSwitchedOff() {
		run("a", this.inFlight, new SignalSettings(false, true), Duration.ofSeconds(30));
		assertThat(this.signals.taken()).isEmpty();
	}

	@Test
	void aSignalDuringTheStartCountsFromItsInstant() {
		ApplicationStart start = new ApplicationStart(SETTINGS, this.jvm);
		start.begin();
		this.signals.send("TERM");
		await().until(() -> this.story.contains("hooks after TERM"));
		this.later.addAndGet(TimeUnit.SECONDS.toNanos(10));
		ConfigurableApplicationContext context = run("a");
		start.end();
		context.close();
		assertThat(this.reports).singleElement().satisfies((report) -> {
			assertThat(report.cause()).isEqualTo("SIGTERM");
			assertThat(report.duration()).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
			assertThat(report.remaining()).isLessThanOrEqualTo(Duration.ofSeconds(20));
		});
	}

	@Test
	void aStartThatHasEndedGivesTheSignalsBack() {
		ApplicationStart start = new ApplicationStart(SETTINGS, this.jvm);
		start.begin();
		assertThat(this.signals.taken()).containsExactly("INT", "TERM");
		start.end();
		assertThat(this.signals.taken()).isEmpty();
	}

	@Test
	void aSecondInterruptHaltsTheJvmAndNamesLostWork(CapturedOutput output) {
		run("a");
		Work job = this.jobs.begin();
		this.signals.send("INT");
		await().until(() -> output.toString().contains("Shutting down (SIGINT): 1 job in flight"));
		this.later.addAndGet(TimeUnit.SECONDS.toNanos(1));
		this.signals.send("INT");
		assertThat(this.story).containsExactly("halt 130");
		assertThat(output).contains("A second SIGINT halts the JVM").containsPattern("Lost: 1 job \\(jobs queued for");
		job.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("hooks after INT"));
	}

	@Test
	void oneCtrlCThatIsDeliveredTwiceDoesNotHalt() {
		run("a");
		Work job = this.jobs.begin();
		this.signals.send("INT");
		this.signals.send("INT");
		job.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("hooks after INT"));
		assertThat(this.story).containsExactly("a drained", "hooks after INT");
	}

	@Test
	void aSecondInterruptDoesNotHaltIfThatIsSwitchedOff() {
		run("a", this.inFlight, new SignalSettings(true, false), Duration.ofSeconds(30));
		Work job = this.jobs.begin();
		this.signals.send("INT");
		this.later.addAndGet(TimeUnit.SECONDS.toNanos(1));
		this.signals.send("INT");
		job.end(WorkState.COMPLETED);
		await().until(() -> this.story.contains("hooks after INT"));
		assertThat(this.story).containsExactly("a drained", "hooks after INT");
	}

	private ConfigurableApplicationContext run(String name) {
		return run(name, this.inFlight, SETTINGS, Duration.ofSeconds(30));
	}

	private ConfigurableApplicationContext run(String name, InFlight inFlight, SignalSettings settings,
			Duration gracePeriod) {
		return start(name, inFlight, settings, gracePeriod, new SpringApplicationBuilder(Application.class));
	}

	private ConfigurableApplicationContext start(String name, InFlight inFlight, SignalSettings settings,
			Duration gracePeriod, SpringApplicationBuilder builder) {
		ConfigurableApplicationContext context = builder.web(WebApplicationType.NONE)
			.initializers((created) -> ((GenericApplicationContext) created).registerBean("drainLifecycle",
					DrainLifecycle.class, () -> lifecycle(name, created, inFlight, settings, gracePeriod)))
			.run();
		this.contexts.add(context);
		return context;
	}

	private DrainLifecycle lifecycle(String name, ConfigurableApplicationContext context, InFlight inFlight,
			SignalSettings settings, Duration gracePeriod) {
		DrainPlan plan = new DrainPlan(gracePeriod, gracePeriod.dividedBy(5), Duration.ZERO, Duration.ZERO,
				Duration.ofSeconds(5));
		TestWorkload jobs = (inFlight == this.inFlight) ? this.jobs : new TestWorkload("jobs", inFlight);
		TestEngine engine = new TestEngine(plan, inFlight, () -> List.of(jobs), mock(ApplicationAvailability.class),
				(event) -> completed(name, event), this.clock);
		return new DrainLifecycle(context, engine.shutdown(context::close), engine.workloads(), Duration.ofSeconds(30),
				settings, this.jvm);
	}

	private void completed(String name, Object event) {
		if (event instanceof DrainCompletedEvent completed) {
			this.reports.add(completed.report());
			this.story.add(name + " " + completed.report().state().name().toLowerCase());
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
