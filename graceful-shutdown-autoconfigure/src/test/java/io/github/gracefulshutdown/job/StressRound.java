package io.github.gracefulshutdown.job;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import io.github.gracefulshutdown.tracking.Work;

import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.scheduling.annotation.AsyncConfigurer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * One life of an application whose threads submit jobs while it is closed.
 *
 * @author The Graceful Shutdown authors
 */
class StressRound {

	private static final int SUBMITTERS = 4;

	private static final int FAST_SUBMISSIONS = 30;

	private volatile Map<WorkState, Long> outcomes = Map.of();

	private volatile DrainState state = DrainState.RUNNING;

	private final StressJobs jobs;

	private final long seed;

	private final String gracePeriod;

	private final boolean losingJobs;

	StressRound(long seed, String gracePeriod, boolean losingJobs, boolean stubbornJobs) {
		this.seed = seed;
		this.gracePeriod = gracePeriod;
		this.losingJobs = losingJobs;
		this.jobs = new StressJobs(seed, losingJobs, stubbornJobs);
	}

	void run() {
		JobApplication.impatient(JobApplication.asyncRunner())
			// The pool inside of the executor would have to be quiet for a moment, which
			// it
			// never is
			.withPropertyValues("graceful-shutdown.grace-period=" + this.gracePeriod,
					"graceful-shutdown.jobs.exclude=taskExecutor")
			.withBean("taskExecutor", StressExecutors.class,
					() -> new StressExecutors(this.jobs::random, this.losingJobs))
			.withBean(AsyncConfigurer.class, SilentAsyncConfigurer::new)
			.run(this::run);
	}

	private void run(ConfigurableApplicationContext context) throws Exception {
		JobWorkload workload = JobApplication.jobs(context);
		Requests requests = new Requests(context.getBean(InFlight.class));
		GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
		StressExecutors executors = context.getBean(StressExecutors.class);
		this.jobs.use(context.getBean(Jobs.class), shutdown);
		ExecutorService submitters = Executors.newFixedThreadPool(SUBMITTERS);
		CountDownLatch start = new CountDownLatch(1);
		CompletableFuture<?>[] submissions = Stream.generate(() -> submitTo(submitters, start, requests))
			.limit(SUBMITTERS)
			.toArray(CompletableFuture[]::new);
		start.countDown();
		this.jobs.pause(6_000);
		context.close();
		this.state = shutdown.state();
		this.jobs.closed();
		CompletableFuture.allOf(submissions).get(30, TimeUnit.SECONDS);
		submitters.shutdown();
		executors.awaitForeign();
		this.jobs.awaitEnd();
		// On a slow machine the drain may end before it has abandoned all jobs
		await().untilAsserted(() -> assertThat(workload.getInFlight()).as(toString()).isZero());
		this.outcomes = Stream.of(WorkState.values())
			.filter(WorkState::isOutcome)
			.collect(Collectors.toMap(Function.identity(), workload::getCount));
	}

	private CompletableFuture<Void> submitTo(ExecutorService submitters, CountDownLatch start, Requests requests) {
		return CompletableFuture.runAsync(() -> {
			try {
				start.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			// Fast at first, then so slowly that sometimes nothing is in flight. The
			// drain
			// looks for lost jobs only while no other job has begun
			for (int i = 0; submit(requests) && !(this.losingJobs && i == FAST_SUBMISSIONS); i++) {
				this.jobs.pause((i < FAST_SUBMISSIONS) ? 200 : 4_000);
			}
		}, submitters);
	}

	// The drain does not wait for the jobs of threads that do no work of the application
	private boolean submit(Requests requests) {
		Work request = requests.tryBegin();
		if (request == null) {
			return false;
		}
		request.attach();
		try {
			return this.jobs.submit();
		}
		finally {
			request.end(WorkState.COMPLETED);
		}
	}

	StressJobs getJobs() {
		return this.jobs;
	}

	DrainState getState() {
		return this.state;
	}

	long getCount(WorkState outcome) {
		return this.outcomes.getOrDefault(outcome, 0L);
	}

	@Override
	public String toString() {
		return "Round with seed %d: %s, %s, %s".formatted(this.seed, this.state, this.outcomes, this.jobs);
	}

	/**
	 * What comes from outside.
	 */
	private static final class Requests extends TestWorkload implements ServingWorkload {

		Requests(InFlight inFlight) {
			super("requests", inFlight);
		}

		@Override
		public boolean enterLameDuck() {
			return true;
		}

	}

	/**
	 * Does not log failed jobs, because there are many.
	 */
	static class SilentAsyncConfigurer implements AsyncConfigurer {

		@Override
		public AsyncUncaughtExceptionHandler getAsyncUncaughtExceptionHandler() {
			return (ex, method, parameters) -> {
			};
		}

	}

}
