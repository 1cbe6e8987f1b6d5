package io.github.gracefulshutdown.job;

import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Jobs that are submitted, cancelled and completed at random, and that count their own
 * outcomes.
 *
 * @author The Graceful Shutdown authors
 */
class StressJobs {

	final AtomicInteger accepted = new AtomicInteger();

	final AtomicInteger rejected = new AtomicInteger();

	final AtomicInteger completed = new AtomicInteger();

	final AtomicInteger failed = new AtomicInteger();

	final AtomicInteger begunAfterDrain = new AtomicInteger();

	final AtomicInteger begunAfterClose = new AtomicInteger();

	private final AtomicInteger active = new AtomicInteger();

	private final AtomicInteger threads = new AtomicInteger();

	private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();

	private final CountDownLatch closed = new CountDownLatch(1);

	private final boolean losingJobs;

	private final boolean stubbornJobs;

	private final ThreadLocal<Random> random;

	private volatile @Nullable Jobs bean;

	private volatile @Nullable GracefulShutdown shutdown;

	StressJobs(long seed, boolean losingJobs, boolean stubbornJobs) {
		this.random = ThreadLocal.withInitial(() -> new Random(seed * 31 + this.threads.getAndIncrement()));
		this.losingJobs = losingJobs;
		this.stubbornJobs = stubbornJobs;
	}

	/**
	 * Use the proxy. Calls each of its methods once, because the first call looks for its
	 * executor among the beans, which fails while they are being destroyed.
	 * @param bean the bean through which jobs are submitted
	 * @param shutdown the shutdown after which none must begin
	 */
	void use(Jobs bean, GracefulShutdown shutdown) throws Exception {
		this.bean = bean;
		this.shutdown = shutdown;
		bean.run(this::complete);
		bean.submit(this::complete).get(30, TimeUnit.SECONDS);
		bean.supply(this::complete).get(30, TimeUnit.SECONDS);
		this.accepted.addAndGet(3);
	}

	int random(int bound) {
		return this.random.get().nextInt(bound);
	}

	void pause(int mostMicros) {
		LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random(mostMicros)));
	}

	/**
	 * Submit a job.
	 * @return whether more jobs may be submitted, because the drain has not ended
	 */
	boolean submit() {
		Jobs bean = Objects.requireNonNull(this.bean);
		this.active.incrementAndGet();
		try {
			switch (random(4)) {
				case 0 -> bean.run(() -> body(false, false));
				case 1 -> cancelMaybe(bean.submit(() -> body(true, true)), this.losingJobs);
				case 2 -> cancelMaybe(bean.supply(() -> (CompletableFuture<String>) body(true, false)), true);
				default -> {
					if (!call(bean)) {
						return false;
					}
				}
			}
			this.accepted.incrementAndGet();
		}
		catch (RejectedExecutionException ex) {
			this.rejected.incrementAndGet();
			return !(ex instanceof JobRejectedException);
		}
		catch (CancellationException ex) {
			// The job was accepted just before the deadline and had not begun by then, so
			// it is reported as abandoned
			assertThat(ex).hasMessageContaining("given up before it began");
			this.accepted.incrementAndGet();
			return false;
		}
		catch (Exception ex) {
			assertThat(ex).hasMessage("Failed at random");
			this.accepted.incrementAndGet();
		}
		finally {
			this.active.decrementAndGet();
		}
		return true;
	}

	// After the drain a synchronous call is not tracked any more
	private boolean call(Jobs bean) throws Exception {
		AtomicBoolean tracked = new AtomicBoolean(true);
		bean.call(() -> {
			tracked.set(CurrentJob.get() instanceof Job job && job.getState() != WorkState.QUEUED);
			return tracked.get() ? body(true, true) : CompletableFuture.completedFuture("not tracked");
		});
		return tracked.get();
	}

	private void cancelMaybe(Future<String> future, boolean cancellable) {
		if (cancellable && random(3) == 0) {
			pause(50);
			future.cancel(random(2) == 0);
		}
	}

	private Future<String> body(boolean mayReturnLater, boolean mayReturnPlainFuture) {
		this.active.incrementAndGet();
		try {
			begin();
			return switch (random(8)) {
				case 0 -> fail();
				case 1 -> mayReturnLater ? completeLater(mayReturnPlainFuture && random(2) == 0) : complete();
				case 2 -> submitAnotherAndComplete();
				case 3 -> pauseAndComplete();
				case 4 -> this.stubbornJobs ? completeWhenClosed() : complete();
				case 5 -> this.stubbornJobs ? completeAtTheDeadline() : complete();
				default -> complete();
			};
		}
		finally {
			this.active.decrementAndGet();
		}
	}

	private void begin() {
		if (Objects.requireNonNull(this.shutdown).state().isEnded()) {
			this.begunAfterDrain.incrementAndGet();
		}
		if (this.closed.getCount() == 0) {
			this.begunAfterClose.incrementAndGet();
		}
	}

	private Future<String> fail() {
		return CompletableFuture.completedFuture(complete(1));
	}

	private CompletableFuture<String> complete() {
		return CompletableFuture.completedFuture(complete(2));
	}

	private Future<String> pauseAndComplete() {
		pause(2_000);
		return complete();
	}

	private Future<String> submitAnotherAndComplete() {
		submit();
		return complete();
	}

	private Future<String> completeLater(boolean plain) {
		int outcome = random(3);
		return plain ? schedule(new FutureTask<>(() -> complete(outcome)), outcome)
				: schedule(new CompletableFuture<>(), outcome);
	}

	private Future<String> schedule(FutureTask<String> task, int outcome) {
		this.later.schedule((outcome == 0) ? () -> task.cancel(true) : task, random(3_000), TimeUnit.MICROSECONDS);
		return task;
	}

	private Future<String> schedule(CompletableFuture<String> future, int outcome) {
		this.later.schedule(() -> {
			if (outcome == 0) {
				future.cancel(true);
				return;
			}
			try {
				future.complete(complete(outcome));
			}
			catch (IllegalStateException ex) {
				future.completeExceptionally(ex);
			}
		}, random(3_000), TimeUnit.MICROSECONDS);
		return future;
	}

	private String complete(int outcome) {
		((outcome == 1) ? this.failed : this.completed).incrementAndGet();
		if (outcome == 1) {
			throw new IllegalStateException("Failed at random");
		}
		return "completed";
	}

	private Future<String> completeAtTheDeadline() {
		GracefulShutdown shutdown = Objects.requireNonNull(this.shutdown);
		while (!Duration.ZERO.equals(shutdown.remaining())) {
			Thread.onSpinWait();
			Thread.yield();
		}
		return complete();
	}

	private Future<String> completeWhenClosed() {
		boolean interrupted = false;
		while (true) {
			try {
				this.closed.await();
				break;
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
		return complete();
	}

	void closed() {
		this.closed.countDown();
	}

	/**
	 * Wait until nothing is submitted and nothing runs any more.
	 */
	void awaitEnd() throws InterruptedException {
		await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> this.active.get() == 0);
		this.later.shutdown();
		assertThat(this.later.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
	}

	@Override
	public String toString() {
		return "accepted %s, rejected %s, completed %s, failed %s".formatted(this.accepted, this.rejected,
				this.completed, this.failed);
	}

}
