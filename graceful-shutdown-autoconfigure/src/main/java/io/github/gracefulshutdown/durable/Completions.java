package io.github.gracefulshutdown.durable;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import io.github.gracefulshutdown.WorkState;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes the ends of runs to the store, on a thread of its own that nobody interrupts.
 * Goes on until the store takes them. A run has ended when its end is written, so the
 * drain waits for it.
 *
 * @author The Graceful Shutdown authors
 */
final class Completions {

	private static final Log logger = LogFactory.getLog(Completions.class);

	private static final int BATCH = 100;

	private static final long PAUSE_MILLIS = 200;

	private static final long MAX_PAUSE_MILLIS = 2000;

	private static final int MAX_DOUBLINGS = 4;

	/**
	 * The first ones may come from connections that broke.
	 */
	private static final int REFUSALS_TO_TELL = 3;

	private static final long CLOSE_MILLIS = 1000;

	private final Queue<Completion> queue = new ConcurrentLinkedQueue<>();

	/**
	 * Ends that the store does not take although it works. Used by the thread only.
	 */
	private final List<Completion> refused = new ArrayList<>();

	private final Semaphore available = new Semaphore(0);

	private final CountDownLatch closing = new CountDownLatch(1);

	private final JobStore store;

	private final Outage outage;

	private final BiConsumer<DurableRun, WorkState> written;

	private @Nullable Thread thread;

	/**
	 * Create an instance.
	 * @param store the store
	 * @param outage says whether the store works
	 * @param written called when the end of a run is written
	 */
	Completions(JobStore store, Outage outage, BiConsumer<DurableRun, WorkState> written) {
		this.store = store;
		this.outage = outage;
		this.written = written;
	}

	void start() {
		this.thread = DaemonThreads.start("durable-completions", this::loop);
	}

	/**
	 * Write the end of a run.
	 * @param run the run
	 * @param outcome its outcome
	 */
	void add(DurableRun run, Outcome outcome) {
		this.queue.add(new Completion(run, outcome));
		this.available.release();
	}

	// Gives up only when the application is closed: then the lock of this instance ends,
	// and others take over
	private void loop() {
		boolean closing;
		boolean works;
		do {
			closing = isClosing();
			works = write(nextBatch(closing));
			if (!closing) {
				pause(works);
			}
		}
		while (!closing || (works && !this.queue.isEmpty()));
	}

	private boolean isClosing() {
		return this.closing.getCount() == 0;
	}

	private List<Completion> nextBatch(boolean closing) {
		List<Completion> batch = new ArrayList<>();
		long now = System.nanoTime();
		this.refused.removeIf((refused) -> (closing || refused.nextNanos() - now <= 0) && batch.add(refused));
		Completion next = this.queue.poll();
		while (next != null) {
			batch.add(next);
			next = (batch.size() < BATCH) ? this.queue.poll() : null;
		}
		return batch;
	}

	private void pause(boolean works) {
		try {
			if (!works) {
				this.closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
			}
			else if (this.queue.isEmpty()) {
				awaitNext();
				this.available.drainPermits();
			}
		}
		catch (InterruptedException ex) {
			// Nobody knows this thread
		}
	}

	private void awaitNext() throws InterruptedException {
		if (this.refused.isEmpty()) {
			this.available.acquire();
			return;
		}
		long now = System.nanoTime();
		long nanos = this.refused.stream().mapToLong((refused) -> refused.nextNanos() - now).min().getAsLong();
		this.available.tryAcquire(nanos, TimeUnit.NANOSECONDS);
	}

	private boolean write(List<Completion> batch) {
		List<List<Completion>> parts = new ArrayList<>();
		List<Completion> completed = new ArrayList<>();
		for (Completion completion : batch) {
			if (completion.outcome().kind() == Kind.COMPLETED && completion.refusals() == 0) {
				completed.add(completion);
			}
			else {
				parts.add(List.of(completion));
			}
		}
		if (!completed.isEmpty()) {
			parts.add(completed);
		}
		return writeAll(parts);
	}

	// If the store fails, the others would only wait for it, one after the other
	private boolean writeAll(List<List<Completion>> parts) {
		boolean works = true;
		for (List<Completion> part : parts) {
			if (works) {
				works = attempt(part);
			}
			else {
				this.queue.addAll(part);
			}
		}
		return works;
	}

	// One that cannot be written must not keep the others back
	private boolean attempt(List<Completion> part) {
		try {
			if (part.get(0).outcome().kind() == Kind.COMPLETED) {
				remove(part);
			}
			else {
				write(part.get(0));
			}
			return true;
		}
		catch (Throwable ex) {
			List<Completion> tried = part.stream().map(Completion::tried).toList();
			if (this.outage.isOfStore(ex)) {
				this.queue.addAll(tried);
				return false;
			}
			if (tried.size() > 1) {
				return writeAll(tried.stream().map(List::of).toList());
			}
			refused(tried.get(0).refused(), ex);
			return true;
		}
	}

	private void refused(Completion completion, Throwable failure) {
		this.refused.add(completion);
		String message = "The end of durable job '%s' cannot be written, and is tried again"
			.formatted(completion.run().getName());
		if (completion.refusals() == REFUSALS_TO_TELL) {
			logger.warn(message + ": " + failure);
		}
		logger.debug(message, failure);
	}

	private void remove(List<Completion> completions) {
		boolean[] removed = this.store
			.remove(completions.stream().map((completion) -> completion.run().getJob()).toList());
		for (int i = 0; i < removed.length; i++) {
			written(completions.get(i), WorkState.COMPLETED, removed[i]);
		}
	}

	private void write(Completion completion) {
		DurableRun run = completion.run();
		Outcome outcome = completion.outcome();
		StoredJob job = run.getJob();
		Throwable failure = outcome.failure();
		if (failure == null) {
			boolean owned = this.store.handOver(job);
			if (owned || completion.again()) {
				logger.info("Durable job '%s' %s handed over".formatted(run.getName(),
						run.isBegun() ? "was interrupted, and is" : "had not begun, and is"));
			}
			written(completion, WorkState.HANDED_OVER, owned);
			return;
		}
		int attempts = job.attempts() + 1;
		int most = run.getDefinition().attempts();
		boolean owned;
		String next;
		if (outcome.kind() == Kind.UNREADABLE) {
			owned = this.store.keep(job, DurableJobState.PARKED, describe(failure));
			next = "cannot read its arguments with this version of the application, and is parked";
		}
		else if (attempts >= most) {
			owned = this.store.keep(job, DurableJobState.DEAD, describe(failure));
			next = "has failed %d times, and is a dead letter now".formatted(attempts);
		}
		else {
			long pause = run.getDefinition().pauseMillis(attempts);
			owned = this.store.retry(job, pause, describe(failure));
			next = "has failed, attempt %d of %d, and runs again in %d ms".formatted(attempts, most, pause);
		}
		log("Durable job '%s' %s".formatted(run.getName(), next), failure);
		written(completion, WorkState.FAILED, owned);
	}

	// The exception is that of a user
	private static void log(String message, Throwable failure) {
		try {
			logger.warn(message, failure);
		}
		catch (RuntimeException ex) {
			logger.warn(message);
		}
	}

	private static String describe(Throwable failure) {
		try {
			return String.valueOf(failure);
		}
		catch (RuntimeException ex) {
			return failure.getClass().getName();
		}
	}

	// If it was tried before, it may have been written although that failed
	private void written(Completion completion, WorkState outcome, boolean owned) {
		DurableRun run = completion.run();
		if (completion.refusals() >= REFUSALS_TO_TELL) {
			logger.info("The end of durable job '%s' is written".formatted(run.getName()));
		}
		if (!owned && !completion.again()) {
			logger.warn("Durable job '%s' ended here after another instance had taken it over: it runs twice"
				.formatted(run.getName()));
		}
		this.written.accept(run, outcome);
	}

	/**
	 * End soon, and write what can be written.
	 * @return whether all ends of runs are written
	 */
	boolean close() {
		this.closing.countDown();
		this.available.release();
		Thread thread = this.thread;
		if (thread != null) {
			try {
				thread.join(CLOSE_MILLIS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		return (thread == null || !thread.isAlive()) && this.queue.isEmpty() && this.refused.isEmpty();
	}

	private enum Kind {

		COMPLETED, HANDED_OVER, FAILED, UNREADABLE

	}

	/**
	 * An end that is to be written.
	 *
	 * @param run the run
	 * @param outcome its outcome
	 * @param again whether it was tried before
	 * @param refusals how often it could not be written although the store works
	 * @param nextNanos when it is tried again then
	 */
	private record Completion(DurableRun run, Outcome outcome, boolean again, int refusals, long nextNanos) {

		Completion(DurableRun run, Outcome outcome) {
			this(run, outcome, false, 0, 0);
		}

		Completion tried() {
			return new Completion(this.run, this.outcome, true, this.refusals, this.nextNanos);
		}

		Completion refused() {
			long pause = Math.min(MAX_PAUSE_MILLIS, PAUSE_MILLIS << Math.min(this.refusals, MAX_DOUBLINGS));
			return new Completion(this.run, this.outcome, true, this.refusals + 1,
					System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pause));
		}

	}

	/**
	 * How a run has ended.
	 *
	 * @param kind the kind of end
	 * @param failure the reason, or {@code null}
	 */
	record Outcome(Kind kind, @Nullable Throwable failure) {

		static final Outcome COMPLETED = new Outcome(Kind.COMPLETED, null);

		static final Outcome HANDED_OVER = new Outcome(Kind.HANDED_OVER, null);

		WorkState state() {
			return switch (this.kind) {
				case COMPLETED -> WorkState.COMPLETED;
				case HANDED_OVER -> WorkState.HANDED_OVER;
				case FAILED, UNREADABLE -> WorkState.FAILED;
			};
		}

		static Outcome failed(Throwable failure) {
			return new Outcome(Kind.FAILED, failure);
		}

		static Outcome unreadable(Throwable failure) {
			return new Outcome(Kind.UNREADABLE, failure);
		}

	}

}
