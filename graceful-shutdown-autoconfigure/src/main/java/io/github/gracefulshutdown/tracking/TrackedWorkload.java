package io.github.gracefulshutdown.tracking;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A workload that tracks each piece of {@link Work} from its beginning to its end, so
 * that the end of the last one ends the wait. Thread-safe.
 *
 * @param <W> the type of work
 * @author The Graceful Shutdown authors
 */
public abstract class TrackedWorkload<W extends Work> implements Workload {

	private static final Log logger = LogFactory.getLog(TrackedWorkload.class);

	private final String name;

	private final InFlight inFlight;

	private final LongSupplier clock;

	private final Set<W> works = ConcurrentHashMap.newKeySet();

	/**
	 * Exact at every moment, unlike the size of the set. Without foreign work.
	 */
	private final AtomicLong count = new AtomicLong();

	private final AtomicLong foreign = new AtomicLong();

	private volatile boolean interrupting = true;

	private final Map<WorkState, LongAdder> outcomes = new EnumMap<>(WorkState.class);

	/**
	 * Create a workload.
	 * @param name the name of the workload
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 */
	protected TrackedWorkload(String name, InFlight inFlight, LongSupplier clock) {
		this.name = name;
		this.inFlight = inFlight;
		this.clock = clock;
		Stream.of(WorkState.values())
			.filter(WorkState::isOutcome)
			.forEach((outcome) -> this.outcomes.put(outcome, new LongAdder()));
	}

	@Override
	public final String getName() {
		return this.name;
	}

	@Override
	public long getInFlight() {
		return this.count.get() + this.foreign.get();
	}

	/**
	 * Foreign work does not keep the drain from ending. Subclasses look for dropped work
	 * when they count.
	 */
	@Override
	public boolean isIdle() {
		getInFlight();
		return this.count.get() == 0;
	}

	/**
	 * Return the number of work with an outcome since the application started.
	 * @param outcome the outcome
	 * @return the number, 0 or more
	 */
	public final long getCount(WorkState outcome) {
		return counter(outcome).sum();
	}

	/**
	 * Return whether work can be {@linkplain WorkState#HANDED_OVER handed over}.
	 * @return {@code false} by default
	 */
	protected boolean isHandingOver() {
		return false;
	}

	@Override
	public final Map<WorkState, Long> getOutcomes() {
		return this.outcomes.keySet()
			.stream()
			.filter((outcome) -> outcome != WorkState.HANDED_OVER || isHandingOver())
			.collect(Collectors.toMap((outcome) -> outcome, this::getCount));
	}

	/**
	 * Admit work, or count it as rejected because the drain has ended.
	 * @param work the new work
	 * @return whether the work was admitted, and so must be {@linkplain Work#end ended}
	 */
	protected final boolean admitOrReject(W work) {
		boolean admitted = tryAdmit(work);
		if (!admitted && !work.getState().isOutcome()) {
			countRejected();
		}
		return admitted;
	}

	/**
	 * Count work that was rejected before it was admitted.
	 */
	protected final void countRejected() {
		counter(WorkState.REJECTED).increment();
	}

	/**
	 * Admit work, unless the drain has ended.
	 * @param work the new work
	 * @return whether the work was admitted, and so must be {@linkplain Work#end ended}
	 */
	protected final boolean tryAdmit(W work) {
		if (work.isForeign()) {
			if (!this.inFlight.enterForeign(!(this instanceof ServingWorkload))) {
				return false;
			}
			this.foreign.incrementAndGet();
		}
		else {
			if (!this.inFlight.enter()) {
				return false;
			}
			this.count.incrementAndGet();
		}
		this.works.add(work);
		// Sealed meanwhile: abandon() may have missed this work, so reject it
		return !isTooLate(work) || !work.end(WorkState.REJECTED);
	}

	/**
	 * Return whether work that the calling thread submits is foreign. Clients are no
	 * source that goes on for ever: the sockets are closed.
	 * @return whether the drain does not wait for it
	 */
	public final boolean isForeign() {
		return !(this instanceof ServingWorkload) && this.inFlight.isForeign();
	}

	/**
	 * Return the work in flight, weakly consistent.
	 * @return the work
	 */
	protected final Iterable<W> works() {
		return this.works;
	}

	protected final long nanoTime() {
		return this.clock.getAsLong();
	}

	boolean isTooLate(Work work) {
		return this.inFlight.isTooLate(work.isForeign());
	}

	/**
	 * Some work has lost its thread, or found one. Streams wait for ever, and the drain
	 * asks for other requests itself.
	 * @param change 1 or -1
	 */
	void waiting(int change) {
		if (!(this instanceof ServingWorkload)) {
			this.inFlight.waiting(change);
		}
	}

	void release(Work work, WorkState outcome) {
		try {
			work.onEnd(outcome);
		}
		finally {
			counter(outcome).increment();
			this.works.remove(work);
			if (work.isForeign()) {
				this.inFlight.leaveForeign();
				this.foreign.decrementAndGet();
			}
			else {
				// In this order: the last of several that end at once has to wake up the
				// drain, which then finds that all of them have left
				this.inFlight.leave();
				if (this.count.decrementAndGet() == 0) {
					this.inFlight.wake();
				}
			}
		}
	}

	/**
	 * Do not wait for the work on threads that wait for the end of the drain themselves.
	 * @param threads whether a thread does so
	 * @return whether there was such work
	 */
	public final boolean excuse(Predicate<Thread> threads) {
		boolean excused = false;
		for (W work : this.works) {
			Thread thread = work.getRunningThread();
			if (thread != null && threads.test(thread) && work.end(WorkState.COMPLETED)) {
				logger.info("Not waiting for %s, which stops the application itself"
					.formatted(Printable.of(work.getName())));
				excused = true;
			}
		}
		return excused;
	}

	/**
	 * Return the work that began before the application was ready and is being done.
	 * @param readyNanos when the application became ready, on the monotonic clock;
	 * {@code null} if it has not become ready, and only its start itself counts
	 * @return the work that runs, or waits for something
	 */
	public final List<Work> getFromStart(@Nullable Long readyNanos) {
		List<Work> fromStart = new ArrayList<>();
		for (W work : this.works) {
			if (work.isFromStart(readyNanos)) {
				fromStart.add(work);
			}
		}
		return fromStart;
	}

	/**
	 * Ask the work that began before the application was ready to end early.
	 * @param readyNanos when the application became ready, or {@code null}
	 */
	public final void cancelFromStart(@Nullable Long readyNanos) {
		getFromStart(readyNanos).forEach(Work::cancel);
	}

	/**
	 * Set whether work that is cancelled is interrupted.
	 * @param interrupting {@code false} if the work only asks whether it is cancelled
	 */
	public final void setInterrupting(boolean interrupting) {
		this.interrupting = interrupting;
	}

	final boolean isInterrupting() {
		return this.interrupting;
	}

	/**
	 * Return the number of some of the work in flight.
	 * @param which the work to count
	 * @return the number, 0 or more
	 */
	public final long count(Predicate<? super Work> which) {
		long count = 0;
		for (W work : this.works) {
			if (which.test(work)) {
				count++;
			}
		}
		return count;
	}

	/**
	 * Ask one piece of work to end early: interrupt its thread, once.
	 * @param work the work
	 */
	protected final void cancel(W work) {
		work.cancel();
	}

	@Override
	public void cancel() {
		this.works.forEach(Work::cancel);
	}

	/**
	 * Abandons queued work first. The stacks of running work take time.
	 */
	@Override
	public List<WorkSnapshot> abandon() {
		List<WorkSnapshot> abandoned = new ArrayList<>();
		for (W work : this.works) {
			if (work.discard(WorkState.ABANDONED)) {
				abandoned.add(work.snapshotQueued());
			}
		}
		for (W work : this.works) {
			abandon(work, abandoned);
		}
		abandoned.sort(Comparator.comparing(WorkSnapshot::age).reversed());
		return abandoned;
	}

	private void abandon(W work, List<WorkSnapshot> abandoned) {
		WorkSnapshot snapshot = work.snapshot(true);
		if (work.end(WorkState.ABANDONED)) {
			abandoned.add(snapshot);
		}
	}

	/**
	 * The oldest come first.
	 */
	@Override
	public List<WorkSnapshot> describe(int limit) {
		return describe(limit, (work) -> true);
	}

	/**
	 * Describe some of the work in flight, the oldest first.
	 * @param limit the greatest number of descriptions to return
	 * @param which the work to describe
	 * @return the descriptions
	 */
	public final List<WorkSnapshot> describe(int limit, Predicate<? super Work> which) {
		Comparator<Work> order = Comparator.comparingLong(Work::getAcceptedNanos).reversed();
		PriorityQueue<Work> oldest = new PriorityQueue<>(order);
		for (W work : this.works) {
			if (!which.test(work)) {
				continue;
			}
			if (oldest.size() < limit) {
				oldest.add(work);
			}
			else if (limit > 0 && order.compare(work, oldest.peek()) > 0) {
				oldest.remove();
				oldest.add(work);
			}
		}
		return oldest.stream()
			.map((work) -> work.snapshot(false))
			.sorted(Comparator.comparing(WorkSnapshot::age).reversed())
			.toList();
	}

	private LongAdder counter(WorkState outcome) {
		LongAdder counter = this.outcomes.get(outcome);
		if (counter == null) {
			throw new IllegalArgumentException(outcome + " is not an outcome");
		}
		return counter;
	}

}
