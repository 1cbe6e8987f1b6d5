package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link DrainLifecycle}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class DrainLifecycleTests {

	private final InFlight inFlight = new InFlight();

	private final TestWorkload jobs = new TestWorkload("jobs", this.inFlight);

	private final List<String> story = new CopyOnWriteArrayList<>();

	@Test
	void drainsBeforeAllOtherListenersAndLifecycles() {
		GenericApplicationContext context = context(Duration.ofSeconds(30));
		context.addApplicationListener((ApplicationListener<ContextClosedEvent>) (event) -> this.story.add("listener"));
		context.registerBean("lifecycle", StoppingLifecycle.class,
				() -> new StoppingLifecycle(() -> this.story.add("lifecycle"), true));
		context.refresh();
		context.close();
		assertThat(this.story).containsExactly("drained", "listener", "lifecycle");
	}

	@Test
	void aListenerThatAbortsTheEventDoesNotKeepTheDrainAway() {
		GenericApplicationContext context = new GenericApplicationContext();
		context.addApplicationListener(new EarlyListener(() -> {
			throw new IllegalStateException("aborted");
		}));
		context.registerBean("drainLifecycle", DrainLifecycle.class, () -> lifecycle(context, Duration.ofSeconds(30)));
		context.refresh();
		context.close();
		assertThat(this.story).containsExactly("drained");
	}

	@Test
	void aContextThatIsStoppedAndStartedIsNotDrained() {
		GenericApplicationContext context = context(Duration.ofSeconds(30));
		context.refresh();
		context.stop();
		context.start();
		assertThat(this.story).isEmpty();
		assertThat(this.jobs.tryBegin()).isNotNull().satisfies((job) -> job.end(WorkState.COMPLETED));
		context.close();
		assertThat(this.story).containsExactly("drained");
	}

	@Test
	void theClosingOfAChildDrainsNothing() {
		GenericApplicationContext parent = context(Duration.ofSeconds(30));
		parent.refresh();
		GenericApplicationContext child = new GenericApplicationContext(parent);
		child.refresh();
		child.close();
		assertThat(this.story).isEmpty();
		parent.close();
		assertThat(this.story).containsExactly("drained");
	}

	@Test
	void laterPhasesGetOnlyTheTimeThatIsLeft(CapturedOutput output) {
		GenericApplicationContext context = context(Duration.ofSeconds(2));
		for (int phase = 1; phase <= 5; phase++) {
			int hangingPhase = phase;
			context.registerBean("hanging" + phase, StoppingLifecycle.class,
					() -> new StoppingLifecycle(() -> this.story.add("phase"), false, hangingPhase));
		}
		context.refresh();
		long begin = System.nanoTime();
		context.close();
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
		assertThat(this.story).containsExactly("drained", "phase", "phase", "phase", "phase", "phase");
		assertThat(output).contains("still running after timeout");
	}

	@Test
	void executorsDoNotWaitAgainForAbandonedWork() {
		GenericApplicationContext context = context(Duration.ofSeconds(1));
		CountDownLatch release = new CountDownLatch(1);
		context.registerBean(ThreadPoolTaskExecutor.class, () -> {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setWaitForTasksToCompleteOnShutdown(true);
			executor.setAwaitTerminationSeconds(50);
			return executor;
		});
		context.refresh();
		Work job = this.jobs.begin();
		context.getBean(ThreadPoolTaskExecutor.class).execute(() -> {
			job.attach();
			while (release.getCount() > 0) {
				try {
					release.await(1, TimeUnit.MINUTES);
				}
				catch (InterruptedException ex) {
					// Ignored, as the worst of users' code does
				}
			}
		});
		long begin = System.nanoTime();
		context.close();
		release.countDown();
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
		assertThat(this.story).containsExactly("expired");
	}

	@Test
	void aFailureOfOursDoesNotKeepTheContextFromClosingInTime(CapturedOutput output) {
		GenericApplicationContext context = new GenericApplicationContext();
		TestEngine broken = new TestEngine(plan(Duration.ofSeconds(1)), this.inFlight, () -> {
			throw new AssertionError("broken");
		}, mock(ApplicationAvailability.class), context, System::nanoTime);
		DrainLifecycle lifecycle = new DrainLifecycle(context, broken.shutdown(context::close), broken.workloads(),
				Duration.ofSeconds(30), SignalSettings.NONE);
		context.addApplicationListener(lifecycle);
		context.registerBean("hanging", StoppingLifecycle.class,
				() -> new StoppingLifecycle(() -> this.story.add("hanging"), false));
		context.refresh();
		long begin = System.nanoTime();
		context.close();
		// Spring's own timeout is ten seconds
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
		assertThat(this.story).containsExactly("hanging");
		assertThat(context.isActive()).isFalse();
		assertThat(output).contains("The drain failed, and the application context is closed without it");
	}

	@Test
	void whenTheJvmStopsAllApplicationsBeginToDrainAtTheSameMoment() throws Exception {
		Application first = new Application();
		Application second = new Application();
		first.signal();
		Thread hook = new Thread(() -> {
			first.context.close();
			second.context.close();
		});
		hook.start();
		await().until(() -> first.state() == DrainState.DRAINING && second.state() == DrainState.DRAINING);
		first.job.end(WorkState.COMPLETED);
		await().until(() -> !first.context.isActive());
		assertThat(second.state()).isEqualTo(DrainState.DRAINING);
		second.job.end(WorkState.COMPLETED);
		hook.join();
		assertThat(second.state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void aContextThatIsClosedWhileTheJvmGoesOnDrainsNoOtherApplication() {
		Application first = new Application();
		Application second = new Application();
		first.job.end(WorkState.COMPLETED);
		first.context.close();
		assertThat(second.state()).isEqualTo(DrainState.RUNNING);
		second.job.end(WorkState.COMPLETED);
		second.context.close();
	}

	private GenericApplicationContext context(Duration gracePeriod) {
		GenericApplicationContext context = new GenericApplicationContext();
		context.registerBean("drainLifecycle", DrainLifecycle.class, () -> lifecycle(context, gracePeriod));
		return context;
	}

	private DrainLifecycle lifecycle(GenericApplicationContext context, Duration gracePeriod) {
		DrainPlan plan = plan(gracePeriod);
		TestEngine engine = new TestEngine(plan, this.inFlight, () -> List.of(this.jobs),
				mock(ApplicationAvailability.class), (event) -> {
					if (event instanceof DrainCompletedEvent completed) {
						this.story.add(completed.report().state().name().toLowerCase());
					}
				}, System::nanoTime);
		return new DrainLifecycle(context, engine.shutdown(context::close), engine.workloads(), Duration.ofSeconds(30),
				SignalSettings.NONE);
	}

	private static DrainPlan plan(Duration gracePeriod) {
		return new DrainPlan(gracePeriod, gracePeriod.dividedBy(5), Duration.ZERO, gracePeriod.dividedBy(5),
				Duration.ofSeconds(5));
	}

	/**
	 * An application with a job in flight.
	 */
	private static final class Application {

		private final GenericApplicationContext context = new GenericApplicationContext();

		private final InFlight inFlight = new InFlight();

		private final TestWorkload jobs = new TestWorkload("jobs", this.inFlight);

		private final Work job = this.jobs.begin();

		private final JvmShutdown jvm = new JvmShutdown(new JdkSignals(), System::nanoTime, (status) -> {
		});

		private final DefaultGracefulShutdown shutdown;

		private final DrainLifecycle lifecycle;

		Application() {
			TestEngine engine = new TestEngine(plan(Duration.ofSeconds(30)), this.inFlight, () -> List.of(this.jobs),
					mock(ApplicationAvailability.class), (event) -> {
					}, System::nanoTime);
			this.shutdown = engine.shutdown(this.context::close);
			this.lifecycle = new DrainLifecycle(this.context, this.shutdown, engine.workloads(), Duration.ofSeconds(30),
					SignalSettings.NONE, this.jvm);
			this.context.registerBean("drainLifecycle", DrainLifecycle.class, () -> this.lifecycle);
			this.context.refresh();
		}

		DrainState state() {
			return this.shutdown.state();
		}

		/**
		 * Let the application see that the JVM is being stopped.
		 */
		void signal() {
			ReflectionTestUtils.setField(this.jvm, "nanos", System.nanoTime());
		}

	}

	private record EarlyListener(Runnable action) implements ApplicationListener<ContextClosedEvent>, PriorityOrdered {

		@Override
		public void onApplicationEvent(ContextClosedEvent event) {
			this.action.run();
		}

		@Override
		public int getOrder() {
			return Ordered.HIGHEST_PRECEDENCE;
		}

	}

	private record StoppingLifecycle(Runnable action, boolean completes, int getPhase) implements SmartLifecycle {

		StoppingLifecycle(Runnable action, boolean completes) {
			this(action, completes, Integer.MAX_VALUE);
		}

		@Override
		public void start() {
		}

		@Override
		public void stop() {
		}

		@Override
		public void stop(Runnable callback) {
			this.action.run();
			if (this.completes) {
				callback.run();
			}
		}

		@Override
		public boolean isRunning() {
			return true;
		}

		@Override
		public int getPhase() {
			return this.getPhase;
		}

	}

}
