package io.github.gracefulshutdown.web.servlet;

import java.io.IOException;
import java.io.PrintWriter;

import io.github.gracefulshutdown.web.RequestWorkload;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;

/**
 * Adds {@code Connection: close} if the application is shutting down when the response is
 * about to be written. That may be long after the request came.
 *
 * @author The Graceful Shutdown authors
 */
final class ConnectionClosingResponse extends HttpServletResponseWrapper {

	private final RequestWorkload workload;

	ConnectionClosingResponse(HttpServletResponse response, RequestWorkload workload) {
		super(response);
		this.workload = workload;
		closeIfShuttingDown();
	}

	void closeIfShuttingDown() {
		if (this.workload.isCloseConnections() && !isCommitted() && getStatus() != SC_SWITCHING_PROTOCOLS) {
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
