package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.InFlight;
import io.github.gracefulshutdown.web.ConnectorPauser;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.servlet.RequestTrackingFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for requests in servlet
 * applications.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = { GracefulShutdownAutoConfiguration.class, TomcatDrainAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(Filter.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
public final class RequestDrainAutoConfiguration {

	@Bean
	RequestWorkload requestWorkload(InFlight inFlight, GracefulShutdownProperties properties,
			ObjectProvider<ConnectorPauser> connector) {
		return new RequestWorkload(inFlight, GracefulShutdownAutoConfiguration.CLOCK,
				properties.getConnector().getLinger(), connector.getIfAvailable(), properties.getConnector().isPause());
	}

	@Bean
	FilterRegistrationBean<RequestTrackingFilter> requestTrackingFilter(RequestWorkload workload) {
		FilterRegistrationBean<RequestTrackingFilter> registration = new FilterRegistrationBean<>(
				new RequestTrackingFilter(workload));
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
		registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR);
		return registration;
	}

}
