package io.github.gracefulshutdown.web.servlet;

import java.io.IOException;
import java.io.PrintWriter;

import io.github.gracefulshutdown.web.RequestWorkload;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;

/**
 * Adds {@code Connection: close} to HTTP/1 responses if the application is shutting down
 * when the response is about to be written. That may be long after the request came. Also
 * notes when the response is flushed, which each part of a stream is.
 *
 * @author The Graceful Shutdown authors
 */
final class TrackedResponse extends HttpServletResponseWrapper {

	private final RequestWorkload workload;

	private final boolean http1;

	private final @Nullable TrackedRequest request;

	TrackedResponse(HttpServletResponse response, RequestWorkload workload, boolean http1,
			@Nullable TrackedRequest request) {
		super(response);
		this.workload = workload;
		this.http1 = http1;
		this.request = request;
		closeIfShuttingDown();
	}

	void closeIfShuttingDown() {
		if (this.http1 && this.workload.isCloseConnections() && !isCommitted()
				&& getStatus() != SC_SWITCHING_PROTOCOLS) {
			setHeader("Connection", "close");
		}
	}

	@Override
	public ServletOutputStream getOutputStream() throws IOException {
		closeIfShuttingDown();
		return super.getOutputStream();
	}

	@Override
	public PrintWriter getWriter() throws IOException {
		closeIfShuttingDown();
		return super.getWriter();
	}

	@Override
	public void flushBuffer() throws IOException {
		closeIfShuttingDown();
		if (this.request != null) {
			this.request.written();
		}
		super.flushBuffer();
	}

	@Override
	public void sendError(int status) throws IOException {
		closeIfShuttingDown();
		super.sendError(status);
	}

	@Override
	public void sendError(int status, String message) throws IOException {
		closeIfShuttingDown();
		super.sendError(status, message);
	}

	@Override
	public void sendRedirect(String location) throws IOException {
		closeIfShuttingDown();
		super.sendRedirect(location);
	}

	@Override
	public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
		closeIfShuttingDown();
		super.sendRedirect(location, status, clearBuffer);
	}

}
