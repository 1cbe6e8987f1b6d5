package io.github.gracefulshutdown.web.reactive;

import java.util.function.Supplier;

import io.github.gracefulshutdown.web.RequestWorkload;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * Wraps the application in a {@link RequestTrackingHttpHandler}. A post-processor is
 * used, because a filter or a decorator would be applied in the management context too.
 * It has no order, so its handler is the outermost.
 *
 * @author The Graceful Shutdown authors
 */
public final class RequestTrackingBeanPostProcessor implements BeanPostProcessor {

	private final Supplier<RequestWorkload> workload;

	/**
	 * Create a post-processor.
	 * @param workload where requests are tracked
	 */
	public RequestTrackingBeanPostProcessor(Supplier<RequestWorkload> workload) {
		this.workload = workload;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return (bean instanceof HttpHandler handler) ? new RequestTrackingHttpHandler(handler, this.workload.get())
				: bean;
	}

}
