package io.github.gracefulshutdown.autoconfigure;

import java.nio.file.Path;

import javax.sql.DataSource;

import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.durable.DefaultDurableJobs;
import io.github.gracefulshutdown.durable.DurableEngine;
import io.github.gracefulshutdown.durable.DurableJobBeanPostProcessor;
import io.github.gracefulshutdown.durable.DurableSettings;
import io.github.gracefulshutdown.durable.DurableWorkload;
import io.github.gracefulshutdown.durable.InvalidDurableJobException;
import io.github.gracefulshutdown.tracking.InFlight;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = BackgroundJobAutoConfiguration.class,
		afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
				"org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@Conditional(OnDurableJobs.class)
@EnableConfigurationProperties(DurableJobProperties.class)
public final class DurableJobAutoConfiguration {

	private static final String JOBS = "drainDurableJobs";

	private static final String DEFAULT_FILE = "durable-jobs.db";

	@Bean
	static DurableJobBeanPostProcessor drainDurableJobBeanPostProcessor(ObjectProvider<DefaultDurableJobs> jobs) {
		return new DurableJobBeanPostProcessor(SingletonSupplier.of(jobs::getObject));
	}

	// The jobs of the last process need their beans at the start
	@Bean
	static LazyInitializationExcludeFilter drainDurableJobExcludeFilter() {
		return (beanName, definition, beanType) -> DurableEngine.class == beanType
				|| DurableJobBeanPostProcessor.isDurable(beanType);
	}

	// The store must outlive those that call it
	@Bean(JOBS)
	DefaultDurableJobs drainDurableJobs(DurableJobBeanPostProcessor postProcessor, ObjectProvider<DurableEngine> engine,
			ConfigurableListableBeanFactory beanFactory) {
		beanFactory.registerDependentBean(DurableEngine.BEAN_NAME, JOBS);
		return new DefaultDurableJobs(postProcessor, engine.getIfAvailable(), beanFactory);
	}

	/**
	 * Not for tests that let callers do the jobs.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "graceful-shutdown.durable.mode", havingValue = "store", matchIfMissing = true)
	static final class StoreConfiguration {

		@Bean
		DurableWorkload drainDurableWorkload(InFlight inFlight, GracefulShutdown shutdown) {
			return new DurableWorkload(inFlight, shutdown, DrainClock.MONOTONIC);
		}

		@Bean(DurableEngine.BEAN_NAME)
		DurableEngine drainDurableEngine(DurableJobBeanPostProcessor postProcessor, DurableWorkload workload,
				DurableJobProperties properties, ObjectProvider<DataSource> dataSources,
				ObjectProvider<ObservationRegistry> observations, ConfigurableListableBeanFactory beanFactory,
				Environment environment) {
			return new DurableEngine(postProcessor, workload, settings(properties, environment),
					() -> findDataSource(dataSources, beanFactory),
					() -> findFile(properties, dataSources, environment), JobObservationRegistry.from(observations));
		}

		// It has to be closed after the engine
		private static @Nullable DataSource findDataSource(ObjectProvider<DataSource> dataSources,
				ConfigurableListableBeanFactory beanFactory) {
			for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, DataSource.class)) {
				beanFactory.registerDependentBean(name, DurableEngine.BEAN_NAME);
			}
			return dataSources.getIfUnique();
		}

		private static DurableSettings settings(DurableJobProperties properties, Environment environment) {
			if (properties.getThreads() < 1) {
				throw new InvalidDurableJobException(
						"graceful-shutdown.durable.threads is %d.".formatted(properties.getThreads()),
						"Set it to 1 or more.");
			}
			if (properties.getPollInterval().toMillis() < 1) {
				throw new InvalidDurableJobException(
						"graceful-shutdown.durable.poll-interval is %s.".formatted(properties.getPollInterval()),
						"Set it to 1ms or more.");
			}
			DurableJobProperties.SchemaInitialization schema = properties.getInitializeSchema();
			return new DurableSettings(properties.getThreads(), Threading.VIRTUAL.isActive(environment),
					properties.getPollInterval(), schema == DurableJobProperties.SchemaInitialization.ALWAYS,
					schema == DurableJobProperties.SchemaInitialization.NEVER);
		}

		/**
		 * Return the file in which the jobs are kept.
		 * @param properties may name it
		 * @param dataSources the databases of the application
		 * @param environment reveals the platform
		 * @return the file, or {@code null} if the database of the application keeps them
		 */
		private static @Nullable Path findFile(DurableJobProperties properties, ObjectProvider<DataSource> dataSources,
				Environment environment) {
			Path file = properties.getFile();
			if (file != null && !file.toString().isEmpty()) {
				return file;
			}
			long candidates = dataSources.stream().count();
			if (candidates > 0 && dataSources.getIfUnique() == null) {
				throw new InvalidDurableJobException(
						"Durable jobs can be kept in %d DataSource beans, none of which is primary.".formatted(
								candidates),
						"Annotate one with @Primary, or set graceful-shutdown.durable.file.");
			}
			if (candidates > 0) {
				return null;
			}
			ShutdownPlatform platform = ShutdownPlatform.getActive(environment);
			if (platform != null && !platform.hasLastingDisk()) {
				throw new InvalidDurableJobException(
						"Durable jobs would be lost: there is no DataSource, and the disk of %s does not outlive an instance."
							.formatted(platform.getDisplayName()),
						"Configure a DataSource, or set graceful-shutdown.durable.file to a file on a volume that lasts.");
			}
			return Path.of(DEFAULT_FILE);
		}

	}

}
