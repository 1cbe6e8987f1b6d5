package io.github.gracefulshutdown.web.servlet;

import io.github.gracefulshutdown.web.EndlessResponses;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;

/**
 * Completes the response of an asynchronous request if it has no end of its own. Each
 * stream of Spring MVC, annotated or functional, has a deferred result: setting it
 * completes the stream.
 *
 * @author The Graceful Shutdown authors
 */
final class StreamInterceptor implements DeferredResultProcessingInterceptor {

	private final EndlessResponses endlessResponses;

	private final HttpServletResponse response;

	private @Nullable Runnable closed;

	StreamInterceptor(EndlessResponses endlessResponses, HttpServletResponse response) {
		this.endlessResponses = endlessResponses;
		this.response = response;
	}

	@Override
	public <T> void preProcess(NativeWebRequest request, DeferredResult<T> result) {
		if (EndlessResponses.isEndless(this.response.getContentType())) {
			this.closed = this.endlessResponses.opened(() -> result.setResult(null));
		}
	}

	@Override
	public <T> void afterCompletion(NativeWebRequest request, DeferredResult<T> result) {
		Runnable closed = this.closed;
		if (closed != null) {
			closed.run();
		}
	}

}
