package io.github.gracefulshutdown.web.servlet;

import java.io.IOException;

import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.RequestWorkload.Request;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * Tracks each request until it is completed, also asynchronously, and closes its
 * connection when the application shuts down. Must be the outermost filter, for the
 * dispatcher types {@code REQUEST}, {@code ASYNC} and {@code ERROR}.
 *
 * @author The Graceful Shutdown authors
 */
public final class RequestTrackingFilter implements Filter {

	private static final String ATTRIBUTE = RequestTrackingFilter.class.getName();

	private final RequestWorkload workload;

	/**
	 * Create a filter.
	 * @param workload where requests are tracked
	 */
	public RequestTrackingFilter(RequestWorkload workload) {
		this.workload = workload;
	}

	static @Nullable TrackedRequest find(HttpServletRequest request) {
		return (TrackedRequest) request.getAttribute(ATTRIBUTE);
	}

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		if (request instanceof HttpServletRequest httpRequest && response instanceof HttpServletResponse httpResponse) {
			doFilter(httpRequest, httpResponse, chain);
		}
		else {
			chain.doFilter(request, response);
		}
	}

	private void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		TrackedRequest tracked = find(request);
		boolean begins = (tracked == null);
		if (tracked == null) {
			tracked = accept(request);
		}
		TrackedResponse trackedResponse = new TrackedResponse(response, this.workload,
				request.getProtocol().startsWith("HTTP/1"), tracked);
		if (tracked == null) {
			trackedResponse.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
			return;
		}
		if (begins) {
			request.setAttribute(ATTRIBUTE, tracked);
			WebAsyncUtils.getAsyncManager(request)
				.registerDeferredResultInterceptor(ATTRIBUTE, new StreamInterceptor(tracked, response));
		}
		else {
			tracked.resume();
		}
		boolean failed = true;
		try {
			chain.doFilter(request, trackedResponse);
			trackedResponse.closeIfShuttingDown();
			failed = false;
		}
		finally {
			tracked.leave(request, response, failed || this.workload.isFailure(response.getStatus()));
		}
		if (tracked.isCut() && request.getDispatcherType() == DispatcherType.ASYNC && response.isCommitted()) {
			cut(response);
		}
	}

	private void cut(HttpServletResponse response) throws IOException, ServletException {
		Exception cut = this.workload.cut(response);
		if (cut instanceof IOException ex) {
			throw ex;
		}
		if (cut != null) {
			throw new ServletException(cut);
		}
	}

	private @Nullable TrackedRequest accept(HttpServletRequest request) {
		if (this.workload.isRefusingWebSockets() && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
			return null;
		}
		Request accepted = this.workload.accept(request.getMethod(), request.getRequestURI());
		return (accepted != null) ? new TrackedRequest(accepted, request) : null;
	}

}
