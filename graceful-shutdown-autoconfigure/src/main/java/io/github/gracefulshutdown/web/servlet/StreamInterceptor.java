package io.github.gracefulshutdown.web.servlet;

import io.github.gracefulshutdown.web.StreamPredicate;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;

/**
 * Ends the response of an asynchronous request if it is a stream. Each stream of Spring
 * MVC, annotated or functional, has a deferred result: setting it ends the stream.
 *
 * @author The Graceful Shutdown authors
 */
final class StreamInterceptor implements DeferredResultProcessingInterceptor {

	private final TrackedRequest tracked;

	private final HttpServletResponse response;

	StreamInterceptor(TrackedRequest tracked, HttpServletResponse response) {
		this.tracked = tracked;
		this.response = response;
	}

	@Override
	public <T> void preProcess(NativeWebRequest request, DeferredResult<T> result) {
		Object attribute = request.getAttribute(StreamPredicate.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
		this.tracked.openIfStream(attribute, this.response.getContentType(), result::isSetOrExpired,
				() -> result.setResult(null));
	}

}
