package io.github.gracefulshutdown;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import org.apache.commons.logging.impl.NoOpLog;

import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.io.ClassPathResource;

/**
 * Loads the classes which closing the application context needs, once after the start: it
 * closes an empty one, silently, and loads what web servers and others need besides. At
 * the signal that would take time, and might fail: by then, a deployment may have
 * replaced the jar.
 *
 * @author The Graceful Shutdown authors
 */
final class DrainRehearsal {

	private static final AtomicBoolean done = new AtomicBoolean();

	private DrainRehearsal() {
	}

	/**
	 * Rehearse in the background, unless that has been done in this JVM.
	 * @param workloads the real workloads, which are only looked at
	 * @param clock the monotonic clock, in nanoseconds
	 */
	static void start(List<Workload> workloads, LongSupplier clock) {
		if (done.compareAndSet(false, true)) {
			Thread thread = new Thread(() -> run(workloads, clock), "drain-rehearsal");
			thread.setDaemon(true);
			thread.start();
		}
	}

	/**
	 * Load and link classes, as far as they are there.
	 * @param names their names, one in each line
	 * @param classLoader the class loader
	 */
	static void load(String names, ClassLoader classLoader) {
		names.lines().forEach((name) -> load(classLoader, name));
	}

	// To ask for the constructors has a class verified, which is most of the work, and
	// not initialized, which is not ours to do
	private static void load(ClassLoader classLoader, String name) {
		try {
			Class.forName(name, false, classLoader).getDeclaredConstructors();
		}
		catch (ClassNotFoundException | LinkageError ex) {
			// Of a library that this application does not have
		}
	}

	// Gathered by benchmarks/closing-classes.sh
	static String closingClasses() {
		try {
			return new ClassPathResource("closing-classes.txt", DrainRehearsal.class)
				.getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Rehearse now.
	 * @param workloads the real workloads, which are only looked at
	 * @param clock the monotonic clock, in nanoseconds
	 */
	static void run(List<Workload> workloads, LongSupplier clock) {
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.getBeanFactory().registerSingleton("drainLifecycle", lifecycle(context, clock));
			context.refresh();
		}
		load(closingClasses(), DrainRehearsal.class.getClassLoader());
		for (Workload workload : workloads) {
			if (workload instanceof TrackedWorkload<?> tracked) {
				tracked.getInFlight();
				tracked.describe(1);
			}
		}
	}

	private static DrainLifecycle lifecycle(ConfigurableApplicationContext context, LongSupplier clock) {
		DrainPlan plan = new DrainPlan(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ofSeconds(1));
		InFlight inFlight = new InFlight();
		Workload nothing = new TrackedWorkload<>("nothing", inFlight, clock) {
		};
		DrainCoordinator coordinator = new DrainCoordinator(new NoOpLog(), plan, inFlight, () -> List.of(nothing),
				new ApplicationAvailabilityBean(), context, clock);
		return new DrainLifecycle(context, new DefaultGracefulShutdown(coordinator, plan, context::close, clock),
				Duration.ofSeconds(1), clock);
	}

}
