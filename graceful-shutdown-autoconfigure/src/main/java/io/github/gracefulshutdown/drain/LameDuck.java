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
import java.util.function.Supplier;

import io.github.gracefulshutdown.DrainResumedEvent;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.Workload;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * The drain without exit, which can be undone until a shutdown begins, and what the
 * workloads have been told by it.
 * <p>
 * The phase is one atomic word, so of drain, resume and shutdown that come at once one is
 * the first. Drain and resume tell the workloads one after the other, and stop doing so
 * when a shutdown has begun. The shutdown waits a moment for the call that they are in
 * the middle of. If that hangs, the shutdown goes on, and what has been resumed too late
 * is stopped again when its call returns. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class LameDuck {

	/**
	 * How long one call may take.
	 */
	private static final Duration CALL = Duration.ofSeconds(10);

	/**
	 * How long a shutdown waits for the call that is being made.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private final Log logger;

	private final Supplier<List<Workload>> workloads;

	private final Readiness readiness;

	private final ApplicationEventPublisher events;

	private final LongSupplier clock;

	private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.RUNNING);

	private final ReentrantLock telling = new ReentrantLock();

	/**
	 * Those that were told last, to stop accepting or to enter lame duck.
	 */
	private final Set<Workload> told = ConcurrentHashMap.newKeySet();

	private volatile @Nullable Deadline since;

	private volatile boolean withClients;

	LameDuck(Log logger, Supplier<List<Workload>> workloads, Readiness readiness, ApplicationEventPublisher events,
			LongSupplier clock) {
		this.logger = logger;
		this.workloads = workloads;
		this.readiness = readiness;
		this.events = events;
		this.clock = clock;
	}

	/**
	 * Drain without exit, unless that has been done, or a shutdown has begun.
	 * @param reason why
	 * @return whether this call has begun it
	 */
	boolean enter(String reason) {
		this.telling.lock();
		Guard guard = new Guard(this.clock);
		try {
			if (!this.phase.compareAndSet(Phase.RUNNING, Phase.LAME_DUCK)) {
				return false;
			}
			this.since = Deadline.in(Duration.ZERO, this.clock);
			this.logger.info("Draining without exit (%s)".formatted(reason));
			call(guard, "refusing traffic", this.readiness::refuseTraffic);
			call(guard, "a listener to DrainStartedEvent",
					() -> this.events.publishEvent(new DrainStartedEvent(reason, null)));
			for (Workload workload : this.workloads.get()) {
				if (workload.isResumable() && this.phase.get() == Phase.LAME_DUCK) {
					tell(guard, workload);
				}
			}
			return true;
		}
		finally {
			guard.close();
			this.telling.unlock();
		}
	}

	private void tell(Guard guard, Workload workload) {
		this.told.add(workload);
		if (workload.isServing()) {
			this.withClients |= guard.call("enterLameDuck of " + workload.getName(), true,
					Deadline.in(CALL, this.clock), workload::enterLameDuck);
		}
		else {
			call(guard, "stopAccepting of " + workload.getName(), () -> stop(workload));
		}
	}

	// What has failed to stop is told again by a shutdown
	private void stop(Workload workload) {
		try {
			workload.stopAccepting();
		}
		catch (Throwable ex) {
			this.told.remove(workload);
			throw ex;
		}
	}

	/**
	 * Undo the drain without exit, if there is one and no shutdown has begun.
	 * @return whether this call has undone it
	 */
	boolean leave() {
		this.telling.lock();
		Guard guard = new Guard(this.clock);
		try {
			if (!this.phase.compareAndSet(Phase.LAME_DUCK, Phase.RUNNING)) {
				return false;
			}
			Deadline since = Objects.requireNonNull(this.since);
			Duration duration = since.remaining().negated();
			this.since = null;
			this.logger.info("Resuming after %s".formatted(Format.seconds(duration)));
			List<Workload> workloads = new ArrayList<>(this.workloads.get());
			Collections.reverse(workloads);
			for (Workload workload : workloads) {
				if (this.phase.get() == Phase.RUNNING && this.told.remove(workload)) {
					call(guard, "resumeAccepting of " + workload.getName(), () -> resume(workload));
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
			this.telling.unlock();
		}
	}

	private void resume(Workload workload) {
		try {
			workload.resumeAccepting();
		}
		finally {
			// A shutdown has not waited for this
			if (this.told.contains(workload)) {
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
	 * A shutdown has begun: nothing is resumed any more.
	 */
	void forbid() {
		this.phase.set(Phase.SHUTDOWN);
	}

	/**
	 * Leave the workloads to the shutdown that has begun.
	 * @param until how long to wait at the most for what is being told
	 */
	void handOver(Deadline until) {
		forbid();
		Deadline patience = Deadline.in(PATIENCE, this.clock).earlierOf(until);
		boolean interrupted = false;
		while (!patience.isPast()) {
			try {
				if (this.telling.tryLock(patience.remainingNanos(), TimeUnit.NANOSECONDS)) {
					this.telling.unlock();
					break;
				}
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Note that the shutdown is about to tell a workload to stop accepting.
	 * @param workload the workload
	 * @return whether it has to be told, because it has not been
	 */
	boolean hasToStop(Workload workload) {
		return this.told.add(workload) || workload.isServing();
	}

	/**
	 * Return whether clients can come at all, as far as that is known.
	 * @return what those workloads have answered that were told to enter lame duck
	 */
	boolean isWithClients() {
		return this.withClients;
	}

	boolean isTold(Workload workload) {
		return this.told.contains(workload);
	}

	/**
	 * Return when the drain without exit began.
	 * @return the instant, or {@code null} if there is none
	 */
	@Nullable Deadline getSince() {
		return this.since;
	}

	private enum Phase {

		RUNNING, LAME_DUCK, SHUTDOWN

	}

}
