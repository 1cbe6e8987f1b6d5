package io.github.gracefulshutdown.job;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Default {@link ReactiveBackgroundJobs}.
 *
 * @author The Graceful Shutdown authors
 */
public final class DefaultReactiveBackgroundJobs implements ReactiveBackgroundJobs {

	private final ReactivePublisherTracker tracker;

	/**
	 * Create reactive background jobs.
	 * @param tracker tracks each subscription
	 */
	public DefaultReactiveBackgroundJobs(ReactivePublisherTracker tracker) {
		this.tracker = tracker;
	}

	@Override
	public <T> Mono<T> track(String name, Mono<T> mono) {
		return this.tracker.track(name, OnDrain.FINISH, mono);
	}

	@Override
	public <T> Flux<T> track(String name, Flux<T> flux) {
		return this.tracker.track(name, OnDrain.FINISH, flux);
	}

}
