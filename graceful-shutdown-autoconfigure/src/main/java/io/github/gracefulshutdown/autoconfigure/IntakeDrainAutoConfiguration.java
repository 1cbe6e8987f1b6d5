package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.Set;

import io.github.gracefulshutdown.drain.DefaultGracefulShutdown;
import io.github.gracefulshutdown.drain.DrainPlan;
import io.github.gracefulshutdown.intake.CamelWorkload;
import io.github.gracefulshutdown.intake.GrpcHealthIntake;
import io.github.gracefulshutdown.intake.IntakeAdapter;
import io.github.gracefulshutdown.intake.IntakePreparer;
import io.github.gracefulshutdown.intake.IntakeWorkload;
import io.github.gracefulshutdown.intake.KafkaIntakeBeanPostProcessor;
import io.github.gracefulshutdown.intake.LifecycleRoles;
import io.github.gracefulshutdown.intake.OtherLifecycleWorkload;
import io.github.gracefulshutdown.intake.RabbitIntakePreparer;
import io.github.gracefulshutdown.intake.ServerWorkload;
import io.github.gracefulshutdown.intake.ServiceRegistrationIntake;
import io.github.gracefulshutdown.intake.SourcePollerIntakeAdapter;
import io.github.gracefulshutdown.tracking.InFlight;
import io.grpc.protobuf.services.HealthStatusManager;
import org.apache.camel.CamelContext;
import org.apache.camel.support.ScheduledPollConsumer;

import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.client.serviceregistry.ServiceRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.endpoint.SourcePollingChannelAdapter;
import org.springframework.kafka.config.AbstractKafkaListenerContainerFactory;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for message listeners, for servers
 * of other protocols than HTTP, and for all else that Spring stops before the web server.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = { "graceful-shutdown.enabled", "graceful-shutdown.intake.stop" },
		matchIfMissing = true)
public final class IntakeDrainAutoConfiguration {

	private static final String SERVICE_REGISTRATION = "drainServiceRegistration";

	private static final String GRPC_HEALTH = "drainGrpcHealth";

	// The drain must not stop itself
	@Bean
	LifecycleRoles drainLifecycleRoles(ObjectProvider<GracefulShutdownProperties> properties) {
		return new LifecycleRoles(
				ExcludedBeans.includedInIntake(properties).or(Set.of(SERVICE_REGISTRATION, GRPC_HEALTH)::contains),
				ExcludedBeans.fromIntake(properties).or(GracefulShutdownAutoConfiguration.LIFECYCLE::equals));
	}

	@Bean
	IntakeWorkload drainIntakeWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory,
			LifecycleRoles roles, ObjectProvider<IntakePreparer> preparers, ObjectProvider<IntakeAdapter> adapters) {
		return new IntakeWorkload(inFlight, beanFactory, roles, preparers.orderedStream().toList(),
				adapters.orderedStream().toList(), DrainClock.MONOTONIC);
	}

	@Bean
	ServerWorkload drainServerWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory,
			LifecycleRoles roles) {
		return new ServerWorkload(inFlight, beanFactory, roles, DrainClock.MONOTONIC);
	}

	@Bean
	OtherLifecycleWorkload drainOtherLifecycleWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory,
			LifecycleRoles roles, IntakeWorkload intakes, ServerWorkload servers) {
		return new OtherLifecycleWorkload(inFlight, beanFactory, roles, intakes, servers, DrainClock.MONOTONIC);
	}

	/**
	 * Listeners of RabbitMQ.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(AbstractMessageListenerContainer.class)
	static final class RabbitConfiguration {

		/**
		 * Standby interrupts nothing.
		 */
		private static final Duration WITHOUT_DEADLINE = Duration.ofDays(1);

		@Bean
		RabbitIntakePreparer drainRabbitIntakePreparer(DefaultGracefulShutdown shutdown, DrainPlan plan) {
			return new RabbitIntakePreparer(() -> untilCancellation(shutdown, plan));
		}

		private static Duration untilCancellation(DefaultGracefulShutdown shutdown, DrainPlan plan) {
			Duration remaining = shutdown.remaining();
			if (remaining == null) {
				return WITHOUT_DEADLINE;
			}
			Duration patience = remaining.minus(plan.cancelBeforeDeadline());
			return patience.isNegative() ? Duration.ZERO : patience;
		}

	}

	/**
	 * Pollers of Spring Integration.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(SourcePollingChannelAdapter.class)
	static final class IntegrationConfiguration {

		@Bean
		SourcePollerIntakeAdapter drainSourcePollerIntakeAdapter() {
			return new SourcePollerIntakeAdapter();
		}

	}

	/**
	 * Service registries of Spring Cloud.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ServiceRegistry.class)
	static final class ServiceRegistryConfiguration {

		@Bean(SERVICE_REGISTRATION)
		ServiceRegistrationIntake drainServiceRegistration(ListableBeanFactory beanFactory) {
			return new ServiceRegistrationIntake(beanFactory);
		}

	}

	/**
	 * Health of gRPC servers.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HealthStatusManager.class)
	static final class GrpcHealthConfiguration {

		@Bean(GRPC_HEALTH)
		GrpcHealthIntake drainGrpcHealth(ListableBeanFactory beanFactory) {
			return new GrpcHealthIntake(beanFactory);
		}

	}

	/**
	 * Consumers of Apache Camel.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ CamelContext.class, ScheduledPollConsumer.class })
	static final class CamelConfiguration {

		@Bean
		CamelWorkload drainCamelWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory,
				ObjectProvider<GracefulShutdownProperties> properties) {
			return new CamelWorkload(inFlight, beanFactory, ExcludedBeans.fromIntake(properties), DrainClock.MONOTONIC);
		}

	}

	/**
	 * Listeners of Kafka.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(AbstractKafkaListenerContainerFactory.class)
	static final class KafkaConfiguration {

		@Bean
		static KafkaIntakeBeanPostProcessor drainKafkaIntakeBeanPostProcessor(
				ObjectProvider<GracefulShutdownProperties> properties) {
			return new KafkaIntakeBeanPostProcessor(ExcludedBeans.fromIntake(properties));
		}

	}

}
