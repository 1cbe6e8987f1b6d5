package io.github.gracefulshutdown.web.reactive;

import io.github.gracefulshutdown.tracking.Work;
import io.github.gracefulshutdown.web.RequestWorkload.Request;
import reactor.core.publisher.Mono;

import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Tells the tracked request which attributes the application sets, and the application
 * which request it serves. The {@link RequestTrackingHttpHandler} cannot: requests may be
 * replaced on their way, for example because of forwarded headers.
 *
 * @author The Graceful Shutdown authors
 */
public final class RequestTrackingWebFilter implements WebFilter, Ordered {

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		TrackedServerHttpResponse response = TrackedServerHttpResponse.find(exchange.getResponse());
		Request request = (response != null) ? response.getRequest() : null;
		if (response == null || request == null) {
			return chain.filter(exchange);
		}
		response.setAttributes(exchange.getAttributes());
		return chain.filter(exchange).contextWrite((context) -> context.put(Work.class, request));
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
