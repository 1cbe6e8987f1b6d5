package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.support.AbstractApplicationContext;

/**
 * {@link Pool} for a {@link ForkJoinPool}. Such a pool knows exactly whether it is
 * quiescent, so two looks need no time between them.
 * <p>
 * Tasks that stop the application are not waited for: they wait for the drain.
 *
 * @author The Graceful Shutdown authors
 */
final class ForkJoin extends Pool {

	private static final Log logger = LogFactory.getLog(ForkJoin.class);

	/**
	 * Stacks are expensive.
	 */
	private static final Duration STACKS_INTERVAL = Duration.ofMillis(100);

	private final ForkJoinPool executor;

	private final LongSupplier clock;

	/**
	 * The code of the tasks that are most likely loops, by their worker.
	 */
	private final Map<Thread, String> loops = Collections.synchronizedMap(new WeakHashMap<>());

	private long stacksNanos;

	private boolean stacksRead;

	private volatile boolean onlyExcused;

	private boolean logged;

	ForkJoin(String name, ForkJoinPool executor, LongSupplier admitted, LongSupplier clock) {
		super(name, Duration.ZERO, admitted, clock);
		this.executor = executor;
		this.clock = clock;
	}

	@Override
	boolean isFor(Executor executor) {
		return this.executor == executor;
	}

	@Override
	long getInFlight() {
		return (isQuiescent() || this.onlyExcused) ? 0
				: Math.max(1, getQueued() + Math.max(0, this.executor.getActiveThreadCount()));
	}

	private boolean isQuiescent() {
		return this.executor.isQuiescent() && !this.executor.hasQueuedSubmissions();
	}

	private long getQueued() {
		return this.executor.getQueuedTaskCount() + this.executor.getQueuedSubmissionCount();
	}

	@Override
	boolean hasThreads() {
		return this.executor.getPoolSize() > 0;
	}

	@Override
	long getRun() {
		return this.executor.getStealCount();
	}

	@Override
	boolean looksIdle() {
		return isQuiescent() || isOnlyExcused();
	}

	/**
	 * Do not wait for the tasks that run now: they are most likely loops.
	 */
	void excuseLoops() {
		if (!isQuiescent()) {
			findBusy().forEach((worker, stack) -> this.loops.put(worker, codeOf(stack)));
		}
	}

	// A worker that has taken a task and not begun it is active, but not busy
	private synchronized boolean isOnlyExcused() {
		long now = this.clock.getAsLong();
		if (this.onlyExcused || !this.stacksRead || now - this.stacksNanos >= STACKS_INTERVAL.toNanos()) {
			this.stacksRead = true;
			this.stacksNanos = now;
			Map<Thread, StackTraceElement[]> busy = findBusy();
			this.onlyExcused = busy.entrySet()
				.stream()
				.allMatch((worker) -> isLoop(worker.getKey(), worker.getValue())
						|| isStoppingApplication(worker.getValue()))
					&& this.executor.getActiveThreadCount() <= busy.size() && getQueued() == 0;
			if (this.onlyExcused && !busy.isEmpty() && !this.logged) {
				this.logged = true;
				logger
					.info(("Not waiting for %d of the tasks of '%s': they stop the application itself, or began before "
							+ "it was ready and are most likely loops")
						.formatted(busy.size(), getName()));
			}
		}
		return this.onlyExcused;
	}

	private Map<Thread, StackTraceElement[]> findBusy() {
		Map<Thread, StackTraceElement[]> busy = new HashMap<>();
		Thread.getAllStackTraces().forEach((thread, stack) -> {
			if (thread instanceof ForkJoinWorkerThread worker && worker.getPool() == this.executor
					&& Arrays.stream(stack).anyMatch(ForkJoin::isInTask)) {
				busy.put(thread, stack);
			}
		});
		return busy;
	}

	private boolean isLoop(Thread worker, StackTraceElement[] stack) {
		return codeOf(stack).equals(this.loops.get(worker));
	}

	// The outermost code that is not the JDK's
	private static String codeOf(StackTraceElement[] stack) {
		String code = "";
		for (StackTraceElement frame : stack) {
			if (isInTask(frame)) {
				break;
			}
			if (!frame.getClassName().startsWith("java.")) {
				code = frame.getClassName() + "." + frame.getMethodName();
			}
		}
		return code;
	}

	private static boolean isInTask(StackTraceElement frame) {
		return frame.getClassName().equals(ForkJoinTask.class.getName()) && frame.getMethodName().equals("doExec");
	}

	private static boolean isStoppingApplication(StackTraceElement[] stack) {
		return Arrays.stream(stack)
			.anyMatch((frame) -> frame.getClassName().equals("java.lang.Shutdown")
					|| (frame.getClassName().equals(AbstractApplicationContext.class.getName())
							&& frame.getMethodName().equals("close")));
	}

}
