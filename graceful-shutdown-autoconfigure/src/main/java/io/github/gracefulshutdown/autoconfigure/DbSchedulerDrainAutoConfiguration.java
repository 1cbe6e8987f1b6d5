package io.github.gracefulshutdown.autoconfigure;

import com.github.kagkarlsson.scheduler.Scheduler;
import io.github.gracefulshutdown.dbscheduler.DbSchedulerBeanPostProcessor;
import io.github.gracefulshutdown.dbscheduler.DbSchedulerWorkload;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the schedulers of db-scheduler.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(Scheduler.class)
public final class DbSchedulerDrainAutoConfiguration {

	@Bean
	DbSchedulerWorkload drainDbSchedulerWorkload(GracefulShutdownProperties properties) {
		return new DbSchedulerWorkload(properties.getJobs().isInterrupt());
	}

	@Bean
	static DbSchedulerBeanPostProcessor drainDbSchedulerBeanPostProcessor(ObjectProvider<DbSchedulerWorkload> workload,
			ObjectProvider<GracefulShutdownProperties> properties) {
		return new DbSchedulerBeanPostProcessor(SingletonSupplier.of(workload::getObject),
				ExcludedBeans.fromJobs(properties));
	}

}
