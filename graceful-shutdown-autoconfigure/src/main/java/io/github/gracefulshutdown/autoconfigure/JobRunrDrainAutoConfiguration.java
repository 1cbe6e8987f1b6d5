package io.github.gracefulshutdown.autoconfigure;

import java.time.InstantSource;

import io.github.gracefulshutdown.jobrunr.JobRunrWorkload;
import io.github.gracefulshutdown.jobrunr.JobServerBeanPostProcessor;
import org.jobrunr.server.BackgroundJobServer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the job servers of JobRunr.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(BackgroundJobServer.class)
public final class JobRunrDrainAutoConfiguration {

	@Bean
	JobRunrWorkload drainJobRunrWorkload(GracefulShutdownProperties properties) {
		return new JobRunrWorkload(properties.getJobs().isInterrupt(), DrainClock.MONOTONIC, InstantSource.system());
	}

	@Bean
	static JobServerBeanPostProcessor drainJobRunrBeanPostProcessor(ObjectProvider<JobRunrWorkload> workload,
			ObjectProvider<GracefulShutdownProperties> properties) {
		return new JobServerBeanPostProcessor(SingletonSupplier.of(workload::getObject),
				ExcludedBeans.fromJobs(properties));
	}

}
