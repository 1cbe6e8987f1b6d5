package io.github.gracefulshutdown.web.servlet;

import io.github.gracefulshutdown.web.EndlessResponses;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;

/**
 * Completes the response of an asynchronous request when streams end, if it has no end of
 * its own. All streams of Spring MVC, annotated or functional, are a deferred result that
 * comes when they are complete.
 *
 * @author The Graceful Shutdown authors
 */
final class StreamInterceptor implements DeferredResultProcessingInterceptor {

	private final EndlessResponses streams;

	private final HttpServletResponse response;

	private @Nullable Runnable closed;

	StreamInterceptor(EndlessResponses streams, HttpServletResponse response) {
		this.streams = streams;
		this.response = response;
	}

	@Override
	public <T> void preProcess(NativeWebRequest request, DeferredResult<T> result) {
		if (EndlessResponses.isEndless(this.response.getContentType())) {
			this.closed = this.streams.opened(() -> result.setResult(null));
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
