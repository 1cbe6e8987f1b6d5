package io.github.gracefulshutdown.job;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Executors with all kinds of behaviour, behind one that chooses among them. All but one
 * are shut down when beans are destroyed.
 *
 * @author The Graceful Shutdown authors
 */
class StressExecutors implements TaskExecutor, DisposableBean {

	private final ThreadPoolTaskExecutor pool = pool(3, Integer.MAX_VALUE, new ThreadPoolExecutor.AbortPolicy());

	private final ThreadPoolTaskExecutor aborting = pool(1, 2, new ThreadPoolExecutor.AbortPolicy());

	private final ThreadPoolTaskExecutor callerRuns = pool(1, 1, new ThreadPoolExecutor.CallerRunsPolicy());

	private final ThreadPoolTaskExecutor discarding = pool(1, 1, new ThreadPoolExecutor.DiscardOldestPolicy());

	private final SimpleAsyncTaskExecutor simple = new SimpleAsyncTaskExecutor("simple-");

	private final ExecutorService foreign = Executors.newFixedThreadPool(2);

	private final List<Executor> executors;

	private final IntUnaryOperator random;

	StressExecutors(IntUnaryOperator random, boolean losingJobs) {
		this.random = random;
		this.executors = List.of(this.pool, this.aborting, this.callerRuns, this.simple, this.foreign,
				losingJobs ? this.discarding : this.pool);
	}

	private static ThreadPoolTaskExecutor pool(int size, int queueCapacity, RejectedExecutionHandler handler) {
		ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
		executor.setCorePoolSize(size);
		executor.setMaxPoolSize(size);
		executor.setQueueCapacity(queueCapacity);
		executor.setRejectedExecutionHandler(handler);
		executor.afterPropertiesSet();
		return executor;
	}

	@Override
	public void execute(Runnable task) {
		this.executors.get(this.random.applyAsInt(this.executors.size())).execute(task);
	}

	@Override
	public void destroy() {
		this.pool.destroy();
		this.aborting.destroy();
		this.callerRuns.destroy();
		this.discarding.destroy();
		this.simple.close();
	}

	/**
	 * Wait until the executor that is not shut down with the beans has run its tasks.
	 */
	void awaitForeign() throws InterruptedException {
		this.foreign.shutdown();
		assertThat(this.foreign.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
	}

}
