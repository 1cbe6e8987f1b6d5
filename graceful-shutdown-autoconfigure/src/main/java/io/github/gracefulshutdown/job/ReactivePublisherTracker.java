package io.github.gracefulshutdown.job;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import io.github.gracefulshutdown.WorkState;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;

/**
 * {@link PublisherTracker} for Reactor and for all types that Spring can adapt to it.
 *
 * @author The Graceful Shutdown authors
 */
public final class ReactivePublisherTracker implements PublisherTracker, SmartInitializingSingleton {

	private final Supplier<JobWorkload> workload;

	private final JobObservations observations;

	/**
	 * Create a tracker.
	 * @param workload where jobs are tracked, resolved when the application starts
	 * @param observations where jobs are observed, resolved at the first subscription
	 */
	public ReactivePublisherTracker(Supplier<JobWorkload> workload, Supplier<ObservationRegistry> observations) {
		this.workload = workload;
		this.observations = new JobObservations(observations);
	}

	// The first subscription may come after the end, when no bean can be resolved any
	// more
	@Override
	public void afterSingletonsInstantiated() {
		this.workload.get();
	}

	@Override
	public Object track(Object result, Class<?> returnType, String name, OnDrain onDrain) {
		ReactiveAdapterRegistry registry = ReactiveAdapterRegistry.getSharedInstance();
		ReactiveAdapter adapter = registry.getAdapter(returnType);
		if (adapter == null) {
			// A suspending function
			adapter = registry.getAdapter(null, result);
		}
		return (adapter != null) ? track(result, adapter, name, onDrain) : result;
	}

	private Object track(Object result, ReactiveAdapter adapter, String name, OnDrain onDrain) {
		Publisher<?> publisher = (result instanceof Mono<?> mono) ? mono : adapter.toPublisher(result);
		return adapter.fromPublisher((publisher instanceof Mono<?> mono) ? track(name, onDrain, mono)
				: track(name, onDrain, Flux.from(publisher)));
	}

	<T> Mono<T> track(String name, OnDrain onDrain, Mono<T> mono) {
		return Mono.deferContextual((context) -> {
			TrackedSubscription subscription = begin(name, onDrain, context);
			return mono.doOnSubscribe(subscription::begun)
				.takeUntilOther(subscription.cancelled())
				.contextWrite(subscription::addTo)
				.doOnError(subscription::failed)
				.doFinally(subscription::end);
		});
	}

	<T> Flux<T> track(String name, OnDrain onDrain, Flux<T> flux) {
		return Flux.deferContextual((context) -> {
			TrackedSubscription subscription = begin(name, onDrain, context);
			return flux.doOnSubscribe(subscription::begun)
				.takeUntilOther(subscription.cancelled())
				.contextWrite(subscription::addTo)
				.doOnError(subscription::failed)
				.doFinally(subscription::end);
		});
	}

	private TrackedSubscription begin(String name, OnDrain onDrain, ContextView context) {
		Job job = this.workload.get().accept(name, onDrain);
		TrackedSubscription subscription = new TrackedSubscription(job);
		job.setCancellation(subscription::cancel);
		if (!job.beginDetached()) {
			throw new CancellationException("Background job '%s' was given up before it began".formatted(name));
		}
		this.observations.start(job, context.getOrDefault(ObservationThreadLocalAccessor.KEY, null));
		return subscription;
	}

	/**
	 * One subscription, and its job.
	 */
	private static final class TrackedSubscription {

		private final Job job;

		private final Sinks.Empty<Void> cancelled = Sinks.empty();

		private final AtomicBoolean cancelling = new AtomicBoolean();

		private volatile @Nullable Subscription source;

		private volatile @Nullable Throwable failure;

		TrackedSubscription(Job job) {
			this.job = job;
		}

		Mono<Void> cancelled() {
			return this.cancelled.asMono();
		}

		void begun(Subscription source) {
			this.source = source;
			if (this.cancelling.get()) {
				source.cancel();
			}
		}

		/**
		 * Cancel the source, and notify the subscriber. Only the first call has an
		 * effect.
		 */
		void cancel() {
			if (!this.cancelling.compareAndSet(false, true)) {
				return;
			}
			try {
				// takeUntilOther does not cancel it if the other publisher fails
				Subscription source = this.source;
				if (source != null) {
					source.cancel();
				}
			}
			finally {
				failSubscriber();
			}
		}

		private void failSubscriber() {
			this.cancelled.tryEmitError(
					new CancellationException("Background job '%s' was cancelled because the application is stopping"
						.formatted(this.job.getName())));
		}

		// Under the keys of context propagation
		Context addTo(Context context) {
			Observation observation = this.job.getObservation();
			Context result = context.put(CurrentJob.KEY, this.job);
			return (observation != null) ? result.put(ObservationThreadLocalAccessor.KEY, observation) : result;
		}

		void failed(Throwable ex) {
			this.failure = ex;
		}

		/**
		 * The subscription has ended, and its subscriber has been notified.
		 * @param signal the last signal
		 */
		void end(SignalType signal) {
			Throwable failure = this.failure;
			if (signal == SignalType.CANCEL) {
				this.job.end(WorkState.CANCELLED);
			}
			else if (failure != null) {
				this.job.fail(failure);
			}
			else {
				this.job.complete(WorkState.COMPLETED);
			}
		}

	}

}
