package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import io.github.gracefulshutdown.drain.DefaultGracefulShutdown;
import io.github.gracefulshutdown.drain.DrainPlan;
import io.github.gracefulshutdown.intake.IntakePreparer;
import io.github.gracefulshutdown.intake.IntakeWorkload;
import io.github.gracefulshutdown.intake.KafkaIntakeBeanPostProcessor;
import io.github.gracefulshutdown.intake.RabbitIntakePreparer;
import io.github.gracefulshutdown.intake.ServerWorkload;
import io.github.gracefulshutdown.tracking.InFlight;

import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.AbstractKafkaListenerContainerFactory;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for message listeners and for
 * servers of other protocols than HTTP.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = { "graceful-shutdown.enabled", "graceful-shutdown.intake.stop" },
		matchIfMissing = true)
public final class IntakeDrainAutoConfiguration {

	// The drain must not stop itself
	@Bean
	IntakeWorkload drainIntakeWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<GracefulShutdownProperties> properties, ObjectProvider<IntakePreparer> preparers) {
		return new IntakeWorkload(inFlight, beanFactory,
				ExcludedBeans.fromIntake(properties).or(GracefulShutdownAutoConfiguration.LIFECYCLE::equals),
				preparers.orderedStream().toList(), DrainClock.MONOTONIC);
	}

	@Bean
	ServerWorkload drainServerWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<GracefulShutdownProperties> properties) {
		return new ServerWorkload(inFlight, beanFactory, ExcludedBeans.fromIntake(properties), DrainClock.MONOTONIC);
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
