package io.github.gracefulshutdown.actuate;

import io.github.gracefulshutdown.actuate.DrainEndpoint.DrainDescriptor;
import io.github.gracefulshutdown.tracking.Work;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Reactive {@link EndpointWebExtension @EndpointWebExtension} for the
 * {@link DrainEndpoint}. It knows the request that asks, which has no thread of its own,
 * by the subscriber's context.
 *
 * @author The Graceful Shutdown authors
 */
@EndpointWebExtension(endpoint = DrainEndpoint.class)
public final class ReactiveDrainEndpointWebExtension {

	private final DrainEndpoint endpoint;

	/**
	 * Create an extension.
	 * @param endpoint the endpoint to extend
	 */
	public ReactiveDrainEndpointWebExtension(DrainEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * Show the state of the shutdown.
	 * @return the description
	 */
	@ReadOperation
	public Mono<DrainDescriptor> drain() {
		return describeAfter(() -> {
		});
	}

	/**
	 * Go into standby.
	 * @param reason the reason, for the log, where it is one line of at most 200
	 * characters
	 * @return the description
	 */
	@WriteOperation
	public Mono<DrainDescriptor> standBy(@Nullable String reason) {
		return describeAfter(() -> this.endpoint.standBy(reason));
	}

	/**
	 * Leave standby.
	 * @return the description
	 */
	@DeleteOperation
	public Mono<DrainDescriptor> resume() {
		return describeAfter(this.endpoint::resume);
	}

	private Mono<DrainDescriptor> describeAfter(Runnable operation) {
		return Mono.deferContextual((context) -> {
			Work self = context.getOrDefault(Work.class, null);
			return Mono.fromCallable(() -> {
				operation.run();
				return this.endpoint.drain((work) -> work == self);
			}).subscribeOn(Schedulers.boundedElastic());
		});
	}

}
