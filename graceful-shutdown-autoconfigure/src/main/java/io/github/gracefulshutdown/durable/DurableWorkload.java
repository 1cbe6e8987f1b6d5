package io.github.gracefulshutdown.durable;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.job.Stopping;
import io.github.gracefulshutdown.tracking.DrainThreads;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.WorkloadOrder;

import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

/**
 * The durable jobs that run in this process. At the signal it picks no more of them.
 * Queued jobs are in the store, so the drain does not wait for them.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.DURABLE)
public final class DurableWorkload extends TrackedWorkload<DurableRun> implements ResumableWorkload {

	/**
	 * Without its database, a pick waits for a connection. If it finds a job later, the
	 * job is handed over.
	 */
	private static final long PICK_NANOS = TimeUnit.SECONDS.toNanos(2);

	private final Stopping stopping;

	/**
	 * Jobs that are being picked are not yet counted.
	 */
	private final AtomicInteger picks = new AtomicInteger();

	private volatile boolean accepting = true;

	private volatile long stoppedNanos;

	private volatile Runnable onChange = () -> {
	};

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param shutdown knows the time until the deadline
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public DurableWorkload(InFlight inFlight, GracefulShutdown shutdown, LongSupplier clock) {
		super("durable", inFlight, clock);
		this.stopping = new Stopping(shutdown);
	}

	/**
	 * Set who has to know whether jobs may be picked.
	 * @param onChange called after each change
	 */
	void onChange(Runnable onChange) {
		this.onChange = onChange;
	}

	boolean isAccepting() {
		return this.accepting;
	}

	/**
	 * A job is about to be picked. The drain waits until it is decided.
	 * @return whether it may be picked, and so {@link #endPick()} must be called
	 */
	boolean beginPick() {
		this.picks.incrementAndGet();
		if (this.accepting) {
			return true;
		}
		endPick();
		return false;
	}

	void endPick() {
		this.picks.decrementAndGet();
	}

	/**
	 * Begin a run on the calling thread.
	 * @param run the run
	 * @param safe whether this instance may run jobs
	 * @return {@code false} if the drain has ended
	 */
	boolean begin(DurableRun run, BooleanSupplier safe) {
		if (!tryAdmit(run)) {
			return false;
		}
		run.setAdmitted();
		if (!run.attach()) {
			return false;
		}
		// Only after the admission: otherwise what cancels all runs misses this one
		if ((this.stopping.isBegun() && run.isCancelledByShutdown()) || !safe.getAsBoolean()) {
			cancel(run);
		}
		return true;
	}

	Stopping getStopping() {
		return this.stopping;
	}

	@Override
	protected boolean isHandingOver() {
		return true;
	}

	@Override
	public boolean isIdle() {
		return (this.picks.get() == 0 || nanoTime() - this.stoppedNanos > PICK_NANOS) && super.isIdle();
	}

	@Override
	public void stopAccepting() {
		if (this.accepting) {
			this.stoppedNanos = nanoTime();
			this.accepting = false;
		}
		this.onChange.run();
	}

	@Override
	public void resumeAccepting() {
		this.accepting = true;
		this.onChange.run();
	}

	/**
	 * A shutdown, also one from standby, of which {@link #stopAccepting()} does not tell.
	 * @param event the begin of the shutdown, or of standby
	 */
	@EventListener
	void onDrainStarted(DrainStartedEvent event) {
		if (event.remaining() == null) {
			return;
		}
		stopAccepting();
		this.stopping.begin();
		for (DurableRun run : works()) {
			if (run.isCancelledByShutdown()) {
				cancel(run);
			}
		}
		if (works().iterator().hasNext()) {
			DrainThreads.start("durable-stopping", () -> works().forEach(DurableRun::callStoppingCallbacks));
		}
	}

}
