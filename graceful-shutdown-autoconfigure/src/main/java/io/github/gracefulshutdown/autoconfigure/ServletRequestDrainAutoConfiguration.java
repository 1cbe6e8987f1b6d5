package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.servlet.RequestTrackingFilter;
import io.github.gracefulshutdown.web.servlet.WebSocketTrackingBeanPostProcessor;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the tracking of requests in
 * servlet applications.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = RequestDrainAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(Filter.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
public final class ServletRequestDrainAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(value = RequestTrackingFilter.class,
			parameterizedContainer = FilterRegistrationBean.class, search = SearchStrategy.CURRENT)
	FilterRegistrationBean<RequestTrackingFilter> drainRequestTrackingFilter(RequestWorkload workload) {
		FilterRegistrationBean<RequestTrackingFilter> registration = new FilterRegistrationBean<>(
				new RequestTrackingFilter(workload));
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
		registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR);
		return registration;
	}

	/**
	 * WebSocket handlers.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ SimpleUrlHandlerMapping.class, WebSocketHttpRequestHandler.class })
	static final class WebSocketConfiguration {

		@Bean
		static WebSocketTrackingBeanPostProcessor drainWebSocketTrackingBeanPostProcessor(
				ObjectProvider<RequestWorkload> workload) {
			return new WebSocketTrackingBeanPostProcessor(SingletonSupplier.of(workload::getObject));
		}

	}

}
