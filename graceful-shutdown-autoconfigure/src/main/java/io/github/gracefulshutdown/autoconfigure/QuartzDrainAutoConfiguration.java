package io.github.gracefulshutdown.autoconfigure;

import java.time.InstantSource;

import io.github.gracefulshutdown.quartz.QuartzSchedulerBeanPostProcessor;
import io.github.gracefulshutdown.quartz.QuartzWorkload;
import org.quartz.Scheduler;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for Quartz schedulers.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass({ Scheduler.class, SchedulerFactoryBean.class })
public final class QuartzDrainAutoConfiguration {

	@Bean
	QuartzWorkload drainQuartzWorkload() {
		return new QuartzWorkload(DrainClock.MONOTONIC, InstantSource.system());
	}

	@Bean
	static QuartzSchedulerBeanPostProcessor drainQuartzBeanPostProcessor(ObjectProvider<QuartzWorkload> workload,
			ObjectProvider<GracefulShutdownProperties> properties) {
		return new QuartzSchedulerBeanPostProcessor(SingletonSupplier.of(workload::getObject),
				ExcludedBeans.fromJobs(properties));
	}

}
