package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.durable.DurableEngine;
import io.github.gracefulshutdown.metrics.DurableJobMetrics;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the meters of durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = { DurableJobAutoConfiguration.class, DrainMetricsAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, DurableEngine.class })
public final class DurableJobMetricsAutoConfiguration {

	@Bean
	DurableJobMetrics drainDurableJobMetrics(DurableEngine engine) {
		return new DurableJobMetrics(engine);
	}

}
