package io.github.gracefulshutdown.drain;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DrainPlan.Timetable;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.beans.factory.support.AbstractBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * Waits for work that has begun, if the application context fails to start. Such a
 * context publishes no event and destroys its beans at once. So the wait takes place
 * before the first bean is destroyed, but for beans whose destruction Spring announces to
 * nobody: those with a plain destroy method. Only tracked work is waited for, and there
 * are no events: the beans that would be needed may not exist. Tasks that may be endless
 * loops are interrupted if nothing else is left.
 *
 * @author The Graceful Shutdown authors
 */
public final class FailedStart implements DestructionAwareBeanPostProcessor {

	private static final Log logger = LogFactory.getLog(FailedStart.class);

	private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final String CAUSE = "the start failed";

	private final ConfigurableApplicationContext context;

	private final Supplier<DrainPlan> plan;

	private final LongSupplier clock;

	private boolean begun;

	private @Nullable Deadline patience;

	/**
	 * Create a post-processor.
	 * @param context the context that may fail to start
	 * @param plan returns how the grace period is divided, without creating a bean
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public FailedStart(ConfigurableApplicationContext context, Supplier<DrainPlan> plan, LongSupplier clock) {
		this.context = context;
		this.plan = plan;
		this.clock = clock;
	}

	// Spring destroys these in any case. All others would cost it memory
	@Override
	public boolean requiresDestruction(Object bean) {
		return bean instanceof DisposableBean || bean instanceof AutoCloseable || isKnownToOthers(bean);
	}

	// Such as beans with an annotated method
	private boolean isKnownToOthers(Object bean) {
		return this.context.getBeanFactory() instanceof AbstractBeanFactory factory && factory.getBeanPostProcessors()
			.stream()
			.anyMatch((other) -> other != this && other instanceof DestructionAwareBeanPostProcessor destroying
					&& destroying.requiresDestruction(bean));
	}

	@Override
	public void postProcessBeforeDestruction(Object bean, String beanName) {
		if (this.context.isClosed() || DrainLifecycle.isRunning(this.context) || !isDestroyingAll()) {
			return;
		}
		synchronized (this) {
			if (this.begun) {
				return;
			}
			this.begun = true;
		}
		try {
			singletons(InFlight.class).filter((inFlight) -> !inFlight.sealIfEmpty()).forEach(this::drain);
		}
		catch (RuntimeException | LinkageError ex) {
			BestEffort.error(logger, "The work that has begun is not waited for", ex);
		}
	}

	// Single beans are destroyed too, in starts that succeed
	private static boolean isDestroyingAll() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.anyMatch((frame) -> frame.getMethodName().equals("destroySingletons")));
	}

	private void drain(InFlight inFlight) {
		DrainPlan plan = this.plan.get();
		Timetable timetable = plan.startingAt(JvmShutdown.INSTANCE.signal().nanos(), this.clock);
		List<TrackedWorkload<?>> tracked = singletons(TrackedWorkload.class)
			.<TrackedWorkload<?>>map((workload) -> workload)
			.toList();
		List<Workload> workloads = List.copyOf(tracked);
		Guard guard = new Guard(logger, this.clock);
		DrainReporter reporter = new DrainReporter(logger, CAUSE, timetable, workloads, inFlight, guard,
				plan.progressInterval());
		reporter.started(plan.describe());
		singletons(ExecutorConfigurationSupport.class).forEach(FailedStart::goOn);
		boolean drained = await(inFlight, timetable.cancelAt(), () -> isLeftToLoops(inFlight, tracked), reporter);
		if (!drained) {
			reporter.cancelling();
			workloads.forEach(
					(workload) -> guard.run("cancel of " + workload.getName(), timetable.deadline(), workload::cancel));
			drained = await(inFlight, timetable.deadline(), () -> false, reporter);
		}
		if (drained) {
			inFlight.seal();
		}
		else {
			inFlight.expire();
			reporter.abandon();
		}
		reporter.ended(reporter.report(drained ? DrainState.DRAINED : DrainState.EXPIRED));
		guard.close();
	}

	// Spring has stopped all lifecycles if one of them has failed to start
	private static void goOn(ExecutorConfigurationSupport executor) {
		if (!executor.isRunning()) {
			executor.start();
		}
	}

	private static boolean await(InFlight inFlight, Deadline until, BooleanSupplier giveUp, DrainReporter reporter) {
		return inFlight.await(inFlight::sealIfEmpty, () -> {
			// Its hooks wait for the end of the start
			if (until.isPast() || giveUp.getAsBoolean() || JvmShutdown.areHooksStarted()) {
				return 0;
			}
			reporter.progress();
			return Math.min(LOOK_NANOS, until.remainingNanos());
		});
	}

	// Plain Spring interrupts them at once
	private boolean isLeftToLoops(InFlight inFlight, List<TrackedWorkload<?>> workloads) {
		long loops = workloads.stream().mapToLong((workload) -> workload.count(Work::isRunningLoop)).sum();
		if (loops == 0 || loops < inFlight.count()) {
			this.patience = null;
		}
		else if (this.patience == null) {
			this.patience = Deadline.in(Loops.PATIENCE, this.clock);
		}
		return this.patience != null && this.patience.isPast();
	}

	private <T> Stream<T> singletons(Class<T> type) {
		ConfigurableListableBeanFactory beans = this.context.getBeanFactory();
		return Stream.of(beans.getSingletonNames())
			.map(beans::getSingleton)
			.filter(Objects::nonNull)
			.filter(type::isInstance)
			.map(type::cast);
	}

}
