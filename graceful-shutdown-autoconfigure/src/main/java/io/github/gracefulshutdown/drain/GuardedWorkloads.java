package io.github.gracefulshutdown.drain;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.tracking.TrackedWorkload;

/**
 * The workloads as the drain asks and notifies them: through its {@link Guard}, so that
 * none of them can hold it up. For the thread that drains.
 *
 * @author The Graceful Shutdown authors
 */
final class GuardedWorkloads {

	static final Predicate<Workload> ALL = (workload) -> true;

	static final Predicate<Workload> SERVING = ServingWorkload.class::isInstance;

	static final Predicate<Workload> TRACKED = TrackedWorkload.class::isInstance;

	private final Workloads workloads;

	private final Standby standby;

	private final Guard guard;

	GuardedWorkloads(Workloads workloads, Standby standby, Guard guard) {
		this.workloads = workloads;
		this.standby = standby;
		this.guard = guard;
	}

	List<Workload> all() {
		return this.workloads.all();
	}

	private List<ServingWorkload> serving() {
		return all().stream().filter(SERVING).map(ServingWorkload.class::cast).toList();
	}

	void stopAccepting(Predicate<Workload> which, Deadline until) {
		notify(which.and(this.standby::hasToStop), "stopAccepting", Workload::stopAccepting, until);
	}

	void cancel(Deadline until) {
		notify(ALL, "cancel", Workload::cancel, until);
	}

	/**
	 * Let all serving workloads serve on.
	 * @param until how long to wait for each of them
	 * @return whether clients can come at all, as far as that is known
	 */
	boolean enterLameDuck(Deadline until) {
		boolean withClients = this.standby.isWithClients();
		for (ServingWorkload serving : serving()) {
			if (!this.standby.isNotified(serving)) {
				withClients |= this.guard.call("enterLameDuck of " + serving.getName(), true, until,
						serving::enterLameDuck);
			}
		}
		return withClients;
	}

	void endStreams(Deadline until) {
		serving()
			.forEach((serving) -> this.guard.run("endStreams of " + serving.getName(), until, serving::endStreams));
	}

	boolean hasStreams(Deadline until) {
		return serving().stream()
			.anyMatch((serving) -> this.guard.call("hasStreams of " + serving.getName(), false, until,
					serving::hasStreams));
	}

	// A workload may hand work over to one that was asked before it, so they are asked
	// twice. Tracked work cannot be missed: the seal counts it, and fails if some was
	// admitted meanwhile. In one call, because it is the less likely to see a moment
	// without work the longer it takes
	boolean isAllIdle(Deadline until) {
		return isIdle(ALL, until) && this.guard.call("workloads", true, until,
				() -> all().stream().filter(TRACKED.negate()).allMatch(Workload::isIdle));
	}

	boolean isIdle(Predicate<Workload> which, Deadline until) {
		return all().stream()
			.filter(which)
			.allMatch((workload) -> this.guard.call(workload.getName(), true, until, workload::isIdle));
	}

	/**
	 * Return whether work is in flight whose threads are not known, without the guard:
	 * this question is asked by all threads that submit work.
	 * @return a fast and thread-safe question, which answers {@code true} if in doubt
	 */
	BooleanSupplier untrackedInFlight() {
		return () -> {
			try {
				return all().stream().anyMatch(GuardedWorkloads::isUntrackedInFlight);
			}
			catch (RuntimeException ex) {
				return true;
			}
		};
	}

	private static boolean isUntrackedInFlight(Workload workload) {
		if (workload instanceof ServingWorkload serving) {
			return serving.getInFlight() != 0 && !serving.hasStreams();
		}
		return !TRACKED.test(workload) && workload.getInFlight() != 0;
	}

	private void notify(Predicate<Workload> which, String what, Consumer<Workload> action, Deadline until) {
		all().stream()
			.filter(which)
			.forEach((workload) -> this.guard.run(what + " of " + workload.getName(), until,
					() -> action.accept(workload)));
	}

}
