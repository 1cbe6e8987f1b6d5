package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.actuate.DurableJobsEndpoint;
import io.github.gracefulshutdown.durable.DurableEngine;
import io.github.gracefulshutdown.durable.DurableJobs;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link DurableJobsEndpoint}.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = DurableJobAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(DurableEngine.class)
@ConditionalOnAvailableEndpoint(DurableJobsEndpoint.class)
public final class DurableJobsEndpointAutoConfiguration {

	@Bean
	DurableJobsEndpoint drainDurableJobsEndpoint(DurableJobs jobs, DurableEngine engine) {
		return new DurableJobsEndpoint(jobs, engine);
	}

}
