package io.github.gracefulshutdown.work;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;

import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.JobHandle;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.scheduling.annotation.EnableAsync;

/**
 * Kinds of work. Each profile begins one of them when the application has started.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
@EnableAsync
class KindsOfWork {

	private static final String WORK = "slow 3000";

	@Bean
	@Profile("pool")
	ApplicationRunner pool(Worker worker, ExecutorService threadPool) {
		return (arguments) -> threadPool.execute(() -> worker.handle(WORK));
	}

	// Named, since close() would wait for ever on newer JDKs
	@Bean(destroyMethod = "shutdownNow")
	@Profile("pool")
	ExecutorService threadPool() {
		return Executors.newFixedThreadPool(1);
	}

	@Bean
	@Profile("fork-join")
	ApplicationRunner forkJoin(Worker worker, ForkJoinPool pool) {
		return (arguments) -> pool.execute(() -> worker.handle(WORK));
	}

	@Bean(destroyMethod = "shutdownNow")
	@Profile("fork-join")
	ForkJoinPool forkJoinPool() {
		return new ForkJoinPool(1);
	}

	// Even on a busy machine the second step is submitted after the signal
	@Bean
	@Profile("chain")
	ApplicationRunner chain(Worker worker, Executor applicationTaskExecutor) {
		return (arguments) -> CompletableFuture.runAsync(() -> worker.handle("first 5000"), applicationTaskExecutor)
			.thenRunAsync(() -> worker.handle("slow 1500"), applicationTaskExecutor);
	}

	@Bean
	@Profile("nursery")
	ApplicationRunner nursery(Worker worker, ObjectProvider<BackgroundJobs> jobs) {
		return (arguments) -> jobs.ifAvailable((available) -> available.start("parent", () -> {
			worker.handle("first 1500");
			available.start("child", () -> worker.handle("slow 1500"));
		}));
	}

	@Bean
	@Profile("handle")
	ApplicationRunner handle(Worker worker, ObjectProvider<BackgroundJobs> jobs) {
		return (arguments) -> {
			BackgroundJobs available = jobs.getIfAvailable();
			JobHandle handle = (available != null) ? available.track("foreign") : null;
			worker.handleElsewhere(WORK).thenRun(() -> {
				if (handle != null) {
					handle.close();
				}
			});
		};
	}

	@Bean
	@Profile("context")
	ApplicationRunner context(AnnotatedWork work) {
		return (arguments) -> work.untilToldToStop();
	}

	@Bean
	@Profile("reactive")
	ApplicationRunner reactive(AnnotatedWork work) {
		return (arguments) -> work.reactive(WORK).subscribe();
	}

}
