package io.github.gracefulshutdown.job;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reactive background jobs by hand, for what cannot be a {@link BackgroundJob} method. To
 * be injected; there is one if Reactor is there. Thread-safe.
 * <p>
 * Each subscription is a job, from the moment of subscription until it has completed,
 * failed or been cancelled, and what is chained to it has been told. While the
 * application drains, new jobs are accepted, because what is in flight may need them.
 * When the drain has ended, a subscription fails with {@link JobRejectedException}.
 * <p>
 * Shortly before the deadline the subscriptions that are left are cancelled: their source
 * is, and their subscriber gets a {@link java.util.concurrent.CancellationException}, on
 * a thread of the drain. No thread is interrupted, unless the source does that. What then
 * does not end is abandoned, and reported by its name.
 *
 * @author The Graceful Shutdown authors
 * @see BackgroundJobs
 */
public interface ReactiveBackgroundJobs {

	/**
	 * Make each subscription a job.
	 * @param name the name of the job, in logs, meters and reports: one of few, without
	 * identifiers
	 * @param mono what does the job
	 * @param <T> the type of its value
	 * @return the same, tracked. Nothing happens before it is subscribed to.
	 */
	<T> Mono<T> track(String name, Mono<T> mono);

	/**
	 * Make each subscription a job. One that takes only some of the elements cancels, and
	 * so counts as cancelled.
	 * @param name the name of the job, in logs, meters and reports: one of few, without
	 * identifiers
	 * @param flux what does the job
	 * @param <T> the type of its elements
	 * @return the same, tracked. Nothing happens before it is subscribed to.
	 */
	<T> Flux<T> track(String name, Flux<T> flux);

}
