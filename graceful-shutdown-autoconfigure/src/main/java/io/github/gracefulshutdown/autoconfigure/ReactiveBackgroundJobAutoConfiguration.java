package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.job.DefaultReactiveBackgroundJobs;
import io.github.gracefulshutdown.job.JobWorkload;
import io.github.gracefulshutdown.job.ReactiveBackgroundJobs;
import io.github.gracefulshutdown.job.ReactivePublisherTracker;
import io.micrometer.observation.ObservationRegistry;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for reactive background jobs.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = BackgroundJobAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(Mono.class)
public final class ReactiveBackgroundJobAutoConfiguration {

	private ReactiveBackgroundJobAutoConfiguration() {
	}

	@Bean
	static ReactivePublisherTracker drainPublisherTracker(ObjectProvider<JobWorkload> workload,
			ObjectProvider<ObservationRegistry> observations) {
		return new ReactivePublisherTracker(SingletonSupplier.of(workload::getObject),
				JobObservationRegistry.from(observations));
	}

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	static ReactiveBackgroundJobs drainReactiveBackgroundJobs(ReactivePublisherTracker tracker) {
		return new DefaultReactiveBackgroundJobs(tracker);
	}

}
