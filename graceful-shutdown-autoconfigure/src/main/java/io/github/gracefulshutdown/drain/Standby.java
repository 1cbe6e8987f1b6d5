package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainResumedEvent;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.Workload;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * The stand-by state. It can be undone until a shutdown begins, and remembers which
 * workloads were notified.
 * <p>
 * The phase is one atomic word, so of {@link #enter}, {@link #leave} and a shutdown that
 * come at once, one is the first. Entering and leaving notify the workloads one after the
 * other, and stop doing so when a shutdown has begun. The shutdown waits a moment for the
 * call in progress. If that call hangs, the shutdown goes on, and a workload that resumes
 * too late is stopped again when its call returns. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class Standby {

	private static final Log logger = LogFactory.getLog(Standby.class);

	/**
	 * How long one call may take.
	 */
	private static final Duration CALL = Duration.ofSeconds(10);

	/**
	 * How long a shutdown waits for the call in progress.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private final Workloads workloads;

	private final Readiness readiness;

	private final ApplicationEventPublisher events;

	private final LongSupplier clock;

	private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.RUNNING);

	private final ReentrantLock notifying = new ReentrantLock();

	/**
	 * Workloads that are currently stopped or in lame duck.
	 */
	private final Set<Workload> notified = ConcurrentHashMap.newKeySet();

	private volatile @Nullable Deadline since;

	private volatile boolean withClients;

	/**
	 * Create a stand-by state.
	 * @param workloads all workloads
	 * @param readiness refuses traffic in standby
	 * @param events where the events are published
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public Standby(Workloads workloads, Readiness readiness, ApplicationEventPublisher events, LongSupplier clock) {
		this.workloads = workloads;
		this.readiness = readiness;
		this.events = events;
		this.clock = clock;
	}

	/**
	 * Go into standby, unless the application is in standby already, or a shutdown has
	 * begun.
	 * @param reason the reason, for the log and the event
	 * @return whether this call changed the state
	 */
	boolean enter(String reason) {
		this.notifying.lock();
		Guard guard = new Guard(this.clock);
		try {
			if (!this.phase.compareAndSet(Phase.RUNNING, Phase.STANDBY)) {
				return false;
			}
			this.since = Deadline.in(Duration.ZERO, this.clock);
			call(guard, "refusing traffic", this.readiness::refuseTraffic);
			String printable = Printable.of(reason);
			logger.info("Going into standby (%s)".formatted(printable));
			call(guard, "a listener to DrainStartedEvent",
					() -> this.events.publishEvent(new DrainStartedEvent(printable, null)));
			for (Workload workload : this.workloads.all()) {
				if (workload instanceof ResumableWorkload && this.phase.get() == Phase.STANDBY) {
					notify(guard, workload);
				}
			}
			return true;
		}
		finally {
			guard.close();
			this.notifying.unlock();
		}
	}

	private void notify(Guard guard, Workload workload) {
		this.notified.add(workload);
		if (workload instanceof ServingWorkload serving) {
			this.withClients |= guard.call("enterLameDuck of " + workload.getName(), true,
					Deadline.in(CALL, this.clock), serving::enterLameDuck);
		}
		else {
			call(guard, "stopAccepting of " + workload.getName(), () -> stop(workload));
		}
	}

	private void stop(Workload workload) {
		try {
			workload.stopAccepting();
		}
		catch (Throwable ex) {
			// Forget it, so that a later shutdown stops it again
			this.notified.remove(workload);
			throw ex;
		}
	}

	/**
	 * Leave standby, unless a shutdown has begun.
	 * @return whether this call changed the state
	 */
	boolean leave() {
		this.notifying.lock();
		Guard guard = new Guard(this.clock);
		try {
			if (!this.phase.compareAndSet(Phase.STANDBY, Phase.RUNNING)) {
				return false;
			}
			Deadline since = Objects.requireNonNull(this.since);
			Duration duration = since.remaining().negated();
			this.since = null;
			logger.info("Resuming after %s in standby".formatted(Format.seconds(duration)));
			List<Workload> workloads = new ArrayList<>(this.workloads.all());
			Collections.reverse(workloads);
			for (Workload workload : workloads) {
				if (workload instanceof ResumableWorkload resumable && this.phase.get() == Phase.RUNNING
						&& this.notified.remove(workload)) {
					call(guard, "resumeAccepting of " + workload.getName(), () -> resume(resumable));
				}
			}
			if (this.phase.get() == Phase.RUNNING) {
				this.withClients = false;
				call(guard, "accepting traffic", this::acceptTraffic);
				call(guard, "a listener to DrainResumedEvent",
						() -> this.events.publishEvent(new DrainResumedEvent(duration)));
			}
			return true;
		}
		finally {
			guard.close();
			this.notifying.unlock();
		}
	}

	private void resume(ResumableWorkload workload) {
		try {
			workload.resumeAccepting();
		}
		finally {
			// A shutdown began meanwhile: stop it again
			if (this.notified.contains(workload)) {
				workload.stopAccepting();
			}
		}
	}

	private void acceptTraffic() {
		this.readiness.acceptTraffic();
		if (this.phase.get() == Phase.SHUTDOWN) {
			this.readiness.refuseTraffic();
		}
	}

	private void call(Guard guard, String what, Runnable code) {
		guard.run(what, Deadline.in(CALL, this.clock), code);
	}

	/**
	 * A shutdown has begun, so standby can neither be entered nor left any more.
	 */
	void forbid() {
		this.phase.set(Phase.SHUTDOWN);
	}

	/**
	 * Leave the workloads to the shutdown that has begun.
	 * @param until how long to wait for the call in progress
	 */
	void handOver(Deadline until) {
		forbid();
		Deadline patience = Deadline.in(PATIENCE, this.clock).earlierOf(until);
		boolean returned = Uninterruptibly
			.get(() -> this.notifying.tryLock(patience.remainingNanos(), TimeUnit.NANOSECONDS));
		if (returned) {
			this.notifying.unlock();
		}
	}

	/**
	 * Note that the shutdown is about to stop a workload.
	 * @param workload the workload
	 * @return whether it has to be stopped, because standby has not done it
	 */
	boolean hasToStop(Workload workload) {
		return this.notified.add(workload) || workload instanceof ServingWorkload;
	}

	/**
	 * Return whether clients can come at all, as far as that is known.
	 * @return the answer of the workloads that entered lame duck
	 */
	boolean isWithClients() {
		return this.withClients;
	}

	boolean isNotified(Workload workload) {
		return this.notified.contains(workload);
	}

	/**
	 * Return when standby began.
	 * @return the instant, or {@code null} if the application is not in standby
	 */
	@Nullable Deadline getSince() {
		return this.since;
	}

	private enum Phase {

		RUNNING, STANDBY, SHUTDOWN

	}

}
