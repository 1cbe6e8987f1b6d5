package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import io.github.gracefulshutdown.ShutdownTrigger;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.DefaultGracefulShutdown;
import io.github.gracefulshutdown.drain.DrainCoordinator;
import io.github.gracefulshutdown.drain.DrainLifecycle;
import io.github.gracefulshutdown.drain.DrainPlan;
import io.github.gracefulshutdown.drain.DrainRehearsal;
import io.github.gracefulshutdown.drain.FailedStart;
import io.github.gracefulshutdown.drain.Loops;
import io.github.gracefulshutdown.drain.OwnListeners;
import io.github.gracefulshutdown.drain.Readiness;
import io.github.gracefulshutdown.drain.ShutdownTriggers;
import io.github.gracefulshutdown.drain.SignalSettings;
import io.github.gracefulshutdown.drain.Standby;
import io.github.gracefulshutdown.drain.Workloads;
import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.web.RequestWorkload;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the drain itself. Each
 * application context drains its own work, so conditions do not look into its parent. A
 * parent drains its child contexts first.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = { LifecycleAutoConfiguration.class, ApplicationAvailabilityAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@EnableConfigurationProperties(GracefulShutdownProperties.class)
public final class GracefulShutdownAutoConfiguration {

	/**
	 * Name of the bean of the {@link DrainLifecycle}.
	 */
	static final String LIFECYCLE = "drainLifecycle";

	private static final Log logger = LogFactory.getLog(GracefulShutdownAutoConfiguration.class);

	private static final Duration FRAMEWORK_PHASE_TIMEOUT = Duration.ofSeconds(10);

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	DrainPlan drainPlan(GracefulShutdownProperties properties, Environment environment) {
		DrainPlan plan = new DrainPlanFactory(properties, environment).create();
		logger.info(plan.describe());
		return plan;
	}

	@Bean
	InFlight drainInFlight() {
		return new InFlight();
	}

	@Bean
	DroppedTickets drainDroppedTickets(InFlight inFlight) {
		return new DroppedTickets(inFlight, DrainClock.MONOTONIC);
	}

	@Bean
	Workloads drainWorkloads(ListableBeanFactory beanFactory) {
		return new Workloads(() -> findWorkloads(beanFactory));
	}

	private static List<Workload> findWorkloads(ListableBeanFactory beanFactory) {
		return WorkloadNames.check(beanFactory.getBeansOfType(Workload.class))
			.values()
			.stream()
			.sorted(AnnotationAwareOrderComparator.INSTANCE)
			.toList();
	}

	// A child context without requests must not take its parent out of service
	@Bean
	Readiness drainReadiness(ApplicationAvailability availability, ConfigurableApplicationContext context) {
		boolean serving = context.getParent() == null
				|| context.getBeanFactory().getBeanNamesForType(RequestWorkload.class).length > 0;
		return new Readiness(availability, serving ? context : new OwnListeners(context),
				context::addApplicationListener);
	}

	@Bean
	Standby drainStandby(Workloads workloads, Readiness readiness, ConfigurableApplicationContext context) {
		return new Standby(workloads, readiness, new OwnListeners(context), DrainClock.MONOTONIC);
	}

	@Bean
	DrainCoordinator drainCoordinator(DrainPlan plan, InFlight inFlight, Workloads workloads, Readiness readiness,
			Standby standby, ConfigurableApplicationContext context) {
		return new DrainCoordinator(plan, inFlight, workloads, readiness, standby, new OwnListeners(context),
				DrainClock.MONOTONIC);
	}

	@Bean
	Loops drainLoops(DrainCoordinator coordinator) {
		return coordinator.getLoops();
	}

	@Bean
	DefaultGracefulShutdown drainGracefulShutdown(DrainCoordinator coordinator, Standby standby, Workloads workloads,
			DrainPlan plan, ConfigurableApplicationContext context) {
		return new DefaultGracefulShutdown(coordinator, standby, workloads, plan, context::close, DrainClock.MONOTONIC);
	}

	@Bean(LIFECYCLE)
	DrainLifecycle drainLifecycle(ConfigurableApplicationContext context, DefaultGracefulShutdown shutdown,
			Workloads workloads, GracefulShutdownProperties properties, ObjectProvider<LifecycleProperties> lifecycle) {
		LifecycleProperties phases = lifecycle.getIfAvailable();
		Duration phaseTimeout = (phases != null) ? phases.getTimeoutPerShutdownPhase() : FRAMEWORK_PHASE_TIMEOUT;
		return new DrainLifecycle(context, shutdown, workloads, phaseTimeout,
				new SignalSettings(properties.isBeforeJvmHooks(), properties.isForceOnSecondInterrupt()));
	}

	@Bean
	static FailedStart drainFailedStart(ConfigurableApplicationContext context) {
		return new FailedStart(context, () -> DrainPlanFactory.of(context.getEnvironment()).create(),
				DrainClock.MONOTONIC);
	}

	@Bean
	ShutdownTriggers drainShutdownTriggers(ConfigurableApplicationContext context, ListableBeanFactory beanFactory,
			DefaultGracefulShutdown shutdown) {
		return new ShutdownTriggers(context, () -> beanFactory.getBeansOfType(ShutdownTrigger.class), shutdown);
	}

	@Bean
	DrainRehearsal drainRehearsal() {
		return new DrainRehearsal(DrainClock.MONOTONIC);
	}

	// Only a warning: the bean may exist in some environments only
	@Bean
	SmartInitializingSingleton drainExcludedBeansCheck(GracefulShutdownProperties properties, BeanFactory beanFactory) {
		return () -> {
			warnOfUnknown("graceful-shutdown.jobs.exclude", properties.getJobs().getExclude(), beanFactory);
			warnOfUnknown("graceful-shutdown.intake.include", properties.getIntake().getInclude(), beanFactory);
			warnOfUnknown("graceful-shutdown.intake.exclude", properties.getIntake().getExclude(), beanFactory);
		};
	}

	@Bean
	SmartInitializingSingleton drainShutdownHookCheck(Environment environment) {
		return () -> {
			if (!environment.getProperty("spring.main.register-shutdown-hook", Boolean.class, true)) {
				logger.warn("spring.main.register-shutdown-hook is false: SIGTERM ends the JVM without a drain, "
						+ "unless the application closes its context itself");
			}
		};
	}

	@Bean
	@ConditionalOnClass(name = "org.h2.Driver")
	@ConditionalOnBooleanProperty(name = "graceful-shutdown.jobs.interrupt", matchIfMissing = true)
	SmartInitializingSingleton drainH2FileCheck(DrainPlan plan, ConfigurableListableBeanFactory beanFactory) {
		return plan.cancelBeforeDeadline().isZero() ? () -> {
		} : new H2FileCheck(beanFactory);
	}

	private static void warnOfUnknown(String property, Set<String> names, BeanFactory beanFactory) {
		for (String name : names) {
			if (!beanFactory.containsBean(name)) {
				logger.warn("%s names '%s', but there is no such bean".formatted(property, name));
			}
		}
	}

}
