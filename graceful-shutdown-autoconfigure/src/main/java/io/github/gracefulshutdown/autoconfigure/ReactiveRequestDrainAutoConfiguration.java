package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.reactive.RequestTrackingBeanPostProcessor;
import io.github.gracefulshutdown.web.reactive.RequestTrackingWebFilter;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the tracking of requests in
 * reactive applications.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = RequestDrainAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass({ HttpHandler.class, Mono.class })
@ConditionalOnWebApplication(type = Type.REACTIVE)
public final class ReactiveRequestDrainAutoConfiguration {

	private ReactiveRequestDrainAutoConfiguration() {
	}

	@Bean
	static RequestTrackingBeanPostProcessor drainRequestTrackingBeanPostProcessor(
			ObjectProvider<RequestWorkload> workload) {
		return new RequestTrackingBeanPostProcessor(workload::getObject);
	}

	@Bean
	static RequestTrackingWebFilter drainRequestTrackingWebFilter() {
		return new RequestTrackingWebFilter();
	}

}
