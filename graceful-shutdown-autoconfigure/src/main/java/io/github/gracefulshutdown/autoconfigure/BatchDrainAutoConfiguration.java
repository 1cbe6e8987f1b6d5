package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.batch.BatchBeanPostProcessor;
import io.github.gracefulshutdown.batch.BatchWorkload;
import io.github.gracefulshutdown.tracking.InFlight;

import org.springframework.batch.core.job.AbstractJob;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for Spring Batch jobs.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(AbstractJob.class)
public final class BatchDrainAutoConfiguration {

	@Bean
	BatchWorkload drainBatchWorkload(InFlight inFlight) {
		return new BatchWorkload(inFlight, DrainClock.MONOTONIC);
	}

	@Bean
	static BatchBeanPostProcessor drainBatchBeanPostProcessor(ObjectProvider<BatchWorkload> workload,
			ObjectProvider<GracefulShutdownProperties> properties) {
		return new BatchBeanPostProcessor(SingletonSupplier.of(workload::getObject),
				ExcludedBeans.fromJobs(properties));
	}

}
