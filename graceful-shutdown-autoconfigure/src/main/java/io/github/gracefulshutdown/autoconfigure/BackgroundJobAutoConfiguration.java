package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.InFlight;
import io.github.gracefulshutdown.job.BackgroundJobBeanPostProcessor;
import io.github.gracefulshutdown.job.JobWorkload;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for background jobs.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
public final class BackgroundJobAutoConfiguration {

	@Bean
	JobWorkload jobWorkload(InFlight inFlight) {
		return new JobWorkload(inFlight, GracefulShutdownAutoConfiguration.CLOCK);
	}

	@Bean
	static BackgroundJobBeanPostProcessor backgroundJobBeanPostProcessor(ObjectProvider<JobWorkload> workload,
			ObjectProvider<ObservationRegistry> observations) {
		return new BackgroundJobBeanPostProcessor(SingletonSupplier.of(workload::getObject),
				SingletonSupplier.of(() -> observations.getIfUnique(() -> ObservationRegistry.NOOP)));
	}

	@Bean
	static BeanPostProcessor jobAdviceArranger(BackgroundJobBeanPostProcessor postProcessor) {
		return postProcessor.arranger();
	}

}
