package io.github.gracefulshutdown.intake;

import java.util.Map;

import io.github.gracefulshutdown.tracking.BestEffort;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.cloud.client.serviceregistry.Registration;
import org.springframework.cloud.client.serviceregistry.ServiceRegistry;
import org.springframework.context.Lifecycle;
import org.springframework.core.ResolvableType;

/**
 * The entries of this application in service registries, which send clients to it. It is
 * stopped by the status {@code OUT_OF_SERVICE} and started again by {@code UP}, as the
 * actuator's endpoint {@code serviceregistry} does. Spring Cloud removes the entries when
 * the application context is closed. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class ServiceRegistrationIntake implements Lifecycle {

	private static final Log logger = LogFactory.getLog(ServiceRegistrationIntake.class);

	private final ListableBeanFactory beanFactory;

	private volatile boolean outOfService;

	/**
	 * Create the intake.
	 * @param beanFactory holds the registrations and the registries
	 */
	public ServiceRegistrationIntake(ListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void start() {
		if (this.outOfService) {
			this.outOfService = false;
			setStatus("UP");
		}
	}

	@Override
	public void stop() {
		this.outOfService = true;
		setStatus("OUT_OF_SERVICE");
	}

	@Override
	public boolean isRunning() {
		return !this.outOfService && this.beanFactory.getBeanNamesForType(Registration.class, true, false).length > 0;
	}

	private void setStatus(String status) {
		Map<String, Registration> registrations = this.beanFactory.getBeansOfType(Registration.class, true, false);
		registrations.keySet().removeIf(ScopedProxyUtils::isScopedTarget);
		this.beanFactory.getBeanProvider(ServiceRegistry.class)
			.orderedStream()
			.forEach((registry) -> BestEffort.forEach(
					logger, registrations.entrySet(), (registration) -> "telling the service registry that '%s' is %s"
						.formatted(registration.getKey(), status),
					(registration) -> setStatus(registry, registration.getValue(), status)));
	}

	@SuppressWarnings({ "rawtypes", "unchecked" })
	private static void setStatus(ServiceRegistry registry, Registration registration, String status) {
		Class<?> type = ResolvableType.forInstance(registry).as(ServiceRegistry.class).getGeneric().resolve();
		if (type == null || type.isInstance(registration)) {
			registry.setStatus(registration, status);
		}
	}

}
