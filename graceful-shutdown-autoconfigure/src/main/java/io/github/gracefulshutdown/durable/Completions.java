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

	private static final long CLOSE_MILLIS = 1000;

	private final Queue<Completion> queue = new ConcurrentLinkedQueue<>();

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
		this.queue.add(new Completion(run, outcome, false));
		this.available.release();
	}

	// Gives up only when the application is closed: then the lock of this instance ends,
	// and others take over
	private void loop() {
		do {
			this.available.acquireUninterruptibly();
			this.available.drainPermits();
			while (!this.queue.isEmpty()) {
				List<Completion> left = write(nextBatch());
				this.queue.addAll(left);
				if (!left.isEmpty() && awaitClosing()) {
					return;
				}
			}
		}
		while (this.closing.getCount() > 0);
	}

	private List<Completion> nextBatch() {
		List<Completion> batch = new ArrayList<>();
		Completion next = this.queue.poll();
		while (next != null) {
			batch.add(next);
			next = (batch.size() < BATCH) ? this.queue.poll() : null;
		}
		return batch;
	}

	private boolean awaitClosing() {
		try {
			return this.closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			// Nobody knows this thread
			return this.closing.getCount() == 0;
		}
	}

	// One that cannot be written must not keep the others back
	private List<Completion> write(List<Completion> batch) {
		List<Completion> left = new ArrayList<>();
		List<Completion> completed = new ArrayList<>();
		for (Completion completion : batch) {
			if (completion.outcome().kind() == Kind.COMPLETED) {
				completed.add(completion);
			}
			else if (!attempt(() -> write(completion))) {
				left.add(completion.tried());
			}
		}
		if (!completed.isEmpty() && !attempt(() -> remove(completed))) {
			completed.forEach((completion) -> left.add(completion.tried()));
		}
		return left;
	}

	private boolean attempt(Runnable action) {
		try {
			action.run();
			this.outage.end();
			return true;
		}
		catch (Throwable ex) {
			this.outage.begin(ex);
			return false;
		}
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
			written(completion, WorkState.HANDED_OVER, this.store.handOver(job));
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
		return this.queue.isEmpty() && (thread == null || !thread.isAlive());
	}

	private enum Kind {

		COMPLETED, HANDED_OVER, FAILED, UNREADABLE

	}

	private record Completion(DurableRun run, Outcome outcome, boolean again) {

		Completion tried() {
			return new Completion(this.run, this.outcome, true);
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
