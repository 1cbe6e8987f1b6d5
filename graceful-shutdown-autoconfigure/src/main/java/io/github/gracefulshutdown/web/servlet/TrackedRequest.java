package io.github.gracefulshutdown.web.servlet;

import java.util.function.BooleanSupplier;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.web.RequestWorkload.Request;
import io.github.gracefulshutdown.web.StreamPredicate;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through its dispatches. It ends with its first dispatch. If that
 * made it asynchronous, it ends when the container has completed it. A later dispatch,
 * for example to an error page, is not counted again.
 *
 * @author The Graceful Shutdown authors
 */
final class TrackedRequest implements AsyncListener {

	/**
	 * By name, because the application may have no Spring MVC.
	 */
	private static final String PATTERN = "org.springframework.web.servlet.HandlerMapping.bestMatchingPattern";

	private final Request request;

	private volatile boolean asynchronous;

	private volatile boolean failed;

	private volatile boolean cut;

	/**
	 * Create a tracked request.
	 * @param request the request in flight
	 * @param httpRequest the container's request, whose first dispatch begins
	 */
	TrackedRequest(Request request, HttpServletRequest httpRequest) {
		this.request = request;
		request.nameBy(() -> httpRequest.getAttribute(PATTERN));
	}

	/**
	 * The response may be a stream.
	 * @param attribute the value of {@link StreamPredicate#ATTRIBUTE}, or {@code null}
	 * @param contentType the content type of the response, or {@code null}
	 * @param ended tells whether the application has ended the response
	 * @param end ends the response, unless the application was first, and returns whether
	 * it did
	 */
	void openIfStream(@Nullable Object attribute, @Nullable String contentType, BooleanSupplier ended,
			BooleanSupplier end) {
		if (this.request.isStream(attribute, contentType)) {
			this.request.openStream(() -> {
				// The dispatch may begin before the call returns
				this.cut = !ended.getAsBoolean();
				this.cut &= end.getAsBoolean();
			});
		}
	}

	/**
	 * The response is a stream that another component ends, with its session.
	 */
	void openSession() {
		if (this.request.isStream(true, null)) {
			this.request.openSession();
		}
	}

	void written() {
		this.request.written();
	}

	/**
	 * Return whether the response is a stream that did not end by itself.
	 * @return whether the drain has ended the response
	 */
	boolean isCut() {
		return this.cut;
	}

	/**
	 * The calling thread begins a further dispatch.
	 */
	void resume() {
		this.request.attach();
	}

	/**
	 * The calling thread ends a dispatch.
	 * @param httpRequest the container's request
	 * @param httpResponse the container's response
	 * @param failed whether the dispatch failed
	 */
	void leave(HttpServletRequest httpRequest, HttpServletResponse httpResponse, boolean failed) {
		this.failed |= failed;
		this.request.keepName();
		if (!this.asynchronous && httpRequest.isAsyncStarted()) {
			this.asynchronous = listen(httpRequest);
		}
		if (this.asynchronous) {
			this.request.beginAsync(httpResponse);
			this.request.detach();
		}
		else {
			end();
		}
	}

	private boolean listen(HttpServletRequest httpRequest) {
		try {
			httpRequest.getAsyncContext().addListener(this);
			return true;
		}
		catch (IllegalStateException ex) {
			// Completed by another thread just now
			return false;
		}
	}

	private void end() {
		if (this.cut) {
			this.request.end(WorkState.CANCELLED);
		}
		else {
			this.request.end(this.failed ? WorkState.FAILED : WorkState.COMPLETED);
		}
	}

	@Override
	public void onComplete(AsyncEvent event) {
		end();
	}

	@Override
	public void onError(AsyncEvent event) {
		this.failed = true;
	}

	@Override
	public void onTimeout(AsyncEvent event) {
		// Ordinary in long polling: the status decides about a failure
	}

	/**
	 * The container drops its listeners at the begin of each asynchronous cycle.
	 */
	@Override
	public void onStartAsync(AsyncEvent event) {
		event.getAsyncContext().addListener(this);
	}

}
