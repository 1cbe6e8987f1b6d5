package io.github.gracefulshutdown.job;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Tracks reactive background jobs that are not {@link BackgroundJob} methods. Available
 * for injection if Reactor is on the classpath. Thread-safe.
 * <p>
 * Each subscription is a job, from the moment of subscription until its subscriber has
 * been notified of the end. While the application drains, new jobs are accepted, because
 * work in flight may need them. When the drain has ended, a subscription fails with
 * {@link JobRejectedException}.
 * <p>
 * Shortly before the deadline the remaining subscriptions are cancelled. Their source is
 * cancelled, and their subscriber gets a
 * {@link java.util.concurrent.CancellationException} on a thread of the drain. No thread
 * is interrupted, unless the source does so. A job that still does not end is abandoned
 * and reported by its name.
 *
 * @author The Graceful Shutdown authors
 * @see BackgroundJobs
 */
public interface ReactiveBackgroundJobs {

	/**
	 * Make each subscription a job.
	 * @param name the name of the job, in logs, meters and reports: one of few, without
	 * identifiers
	 * @param mono the mono that does the job
	 * @param <T> the type of its value
	 * @return a tracked mono. Nothing happens before the subscription.
	 */
	<T> Mono<T> track(String name, Mono<T> mono);

	/**
	 * Make each subscription a job. A subscriber that takes only some of the elements
	 * cancels its subscription, and the job counts as cancelled.
	 * @param name the name of the job, in logs, meters and reports: one of few, without
	 * identifiers
	 * @param flux the flux that does the job
	 * @param <T> the type of its elements
	 * @return a tracked flux. Nothing happens before the subscription.
	 */
	<T> Flux<T> track(String name, Flux<T> flux);

}
