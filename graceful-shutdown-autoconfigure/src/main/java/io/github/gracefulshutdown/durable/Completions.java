package io.github.gracefulshutdown.durable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

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

	private final BlockingQueue<Completion> queue = new LinkedBlockingQueue<>();

	private final Semaphore available = new Semaphore(0);

	private final CountDownLatch closing = new CountDownLatch(1);

	private final JobStore store;

	private final Outage outage;

	private final BiConsumer<DurableRun, WorkState> written;

	private volatile boolean complete = true;

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

	private void loop() {
		List<Completion> batch = new ArrayList<>();
		do {
			this.available.acquireUninterruptibly();
			this.available.drainPermits();
			while (this.queue.drainTo(batch, BATCH) > 0) {
				write(batch);
				batch.clear();
			}
		}
		while (this.closing.getCount() > 0);
	}

	private void write(List<Completion> batch) {
		List<Completion> completed = batch.stream()
			.filter((completion) -> completion.outcome().kind() == Kind.COMPLETED)
			.toList();
		if (!completed.isEmpty()) {
			boolean[] removed = untilDone(() -> this.store
				.remove(completed.stream().map((completion) -> completion.run().getJob()).toList()));
			for (int i = 0; i < completed.size(); i++) {
				DurableRun run = completed.get(i).run();
				if (removed != null && !removed[i]) {
					warnTakenOver(run);
				}
				this.written.accept(run, WorkState.COMPLETED);
			}
		}
		for (Completion completion : batch) {
			if (completion.outcome().kind() != Kind.COMPLETED) {
				write(completion.run(), completion.outcome());
			}
		}
	}

	private void write(DurableRun run, Outcome outcome) {
		Boolean owned = untilDone(() -> writeOnce(run, outcome));
		if (Boolean.FALSE.equals(owned)) {
			warnTakenOver(run);
		}
		this.written.accept(run, (outcome.kind() == Kind.HANDED_OVER) ? WorkState.HANDED_OVER : WorkState.FAILED);
	}

	private boolean writeOnce(DurableRun run, Outcome outcome) {
		StoredJob job = run.getJob();
		DurableJobDefinition definition = run.getDefinition();
		Throwable failure = outcome.failure();
		int attempts = job.attempts() + 1;
		if (outcome.kind() == Kind.UNREADABLE) {
			logger.error("Durable job '%s' is parked: its arguments cannot be read by this version of the application"
				.formatted(run.getName()), failure);
			return this.store.keep(job, JobStore.Kept.PARKED, String.valueOf(failure));
		}
		if (outcome.kind() == Kind.HANDED_OVER) {
			return this.store.handOver(job);
		}
		if (attempts >= definition.attempts()) {
			logger.error(
					"Durable job '%s' has failed %d times, and is a dead letter now".formatted(run.getName(), attempts),
					failure);
			return this.store.keep(job, JobStore.Kept.DEAD, String.valueOf(failure));
		}
		long pause = definition.pauseMillis(attempts);
		logger.warn("Durable job '%s' has failed, attempt %d of %d, and runs again in %d ms".formatted(run.getName(),
				attempts, definition.attempts(), pause), failure);
		return this.store.retry(job, pause, String.valueOf(failure));
	}

	private static void warnTakenOver(DurableRun run) {
		logger.warn("Durable job '%s' ended here after another instance had taken it over: it runs twice"
			.formatted(run.getName()));
	}

	// Gives up only when the application is closed: then the lock of this instance ends,
	// and others take over
	private <T> @Nullable T untilDone(Supplier<T> action) {
		while (true) {
			try {
				T result = action.get();
				this.outage.end();
				return result;
			}
			catch (Throwable ex) {
				this.outage.begin(ex);
				if (awaitClosing()) {
					this.complete = false;
					return null;
				}
			}
		}
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
		return this.complete && this.queue.isEmpty() && (thread == null || !thread.isAlive());
	}

	private enum Kind {

		COMPLETED, HANDED_OVER, FAILED, UNREADABLE

	}

	private record Completion(DurableRun run, Outcome outcome) {

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

		static Outcome failed(Throwable failure) {
			return new Outcome(Kind.FAILED, failure);
		}

		static Outcome unreadable(Throwable failure) {
			return new Outcome(Kind.UNREADABLE, failure);
		}

	}

}
