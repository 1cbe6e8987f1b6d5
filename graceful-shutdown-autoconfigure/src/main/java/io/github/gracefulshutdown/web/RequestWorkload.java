package io.github.gracefulshutdown.web;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;

/**
 * The requests in flight.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.REQUESTS)
public final class RequestWorkload extends TrackedWorkload<RequestWorkload.Request>
		implements ServingWorkload, ResumableWorkload {

	private final Duration linger;

	private final List<? extends ConnectorPauser> connectors;

	private final boolean pauseConnectors;

	private final EndlessResponses endlessResponses;

	private volatile boolean closeConnections;

	private volatile long lingerSinceNanos;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param clock the monotonic clock, in nanoseconds
	 * @param linger how long an idle connection may stay after the last response
	 * @param connectors pause the connectors of the servers
	 * @param pauseConnectors whether to pause the connectors
	 * @param endlessResponses the responses without end
	 */
	public RequestWorkload(InFlight inFlight, LongSupplier clock, Duration linger,
			List<? extends ConnectorPauser> connectors, boolean pauseConnectors, EndlessResponses endlessResponses) {
		super("requests", inFlight, clock);
		this.linger = linger;
		this.connectors = connectors;
		this.pauseConnectors = pauseConnectors;
		this.endlessResponses = endlessResponses;
	}

	/**
	 * Accept a request, on the calling thread.
	 * @param method the HTTP method
	 * @param path the path, without a query
	 * @return the request in flight, or {@code null} if it must be refused because the
	 * drain has ended
	 */
	public @Nullable Request accept(String method, String path) {
		Request request = new Request(this, method, path);
		return (admitOrReject(request) && request.attach()) ? request : null;
	}

	public EndlessResponses getEndlessResponses() {
		return this.endlessResponses;
	}

	/**
	 * Return whether HTTP/1 responses should announce that the connection will be closed.
	 * @return whether connections are to be closed
	 */
	public boolean isCloseConnections() {
		return this.closeConnections;
	}

	/**
	 * Return whether the status of a response counts as a failure. From the signal on, a
	 * 503 does not: it is the correct answer of the readiness probe.
	 * @param status the HTTP status
	 * @return whether the request has failed
	 */
	public boolean isFailure(int status) {
		return status >= HttpStatus.INTERNAL_SERVER_ERROR.value()
				&& !(status == HttpStatus.SERVICE_UNAVAILABLE.value() && this.closeConnections);
	}

	/**
	 * Idle also means that a request which was on its way has had the time to arrive. The
	 * connectors are asked even while requests are in flight, because the call also sends
	 * GOAWAY on the newest connections.
	 */
	@Override
	public boolean isIdle() {
		boolean lingering = isLingering();
		return super.isIdle() && !lingering;
	}

	private boolean isLingering() {
		if (!this.pauseConnectors || nanoTime() - this.lingerSinceNanos >= this.linger.toNanos()) {
			return false;
		}
		boolean lingering = false;
		for (ConnectorPauser connector : this.connectors) {
			if (connector.hasOpenConnections()) {
				lingering = true;
				closeWebSockets(connector);
			}
		}
		return lingering;
	}

	private void closeWebSockets(ConnectorPauser connector) {
		if (this.endlessResponses.isEnabled()) {
			connector.closeWebSockets();
		}
	}

	@Override
	public boolean enterLameDuck() {
		this.closeConnections = true;
		return this.connectors.isEmpty() || this.connectors.stream().anyMatch(ConnectorPauser::isRunning);
	}

	@Override
	public void resumeAccepting() {
		this.closeConnections = false;
	}

	/**
	 * Connections are not closed until the sockets are. A client whose connection is
	 * closed opens another at once: that must be refused, and not wait in the backlog,
	 * where it would be reset.
	 */
	@Override
	public void stopAccepting() {
		this.closeConnections = false;
		try {
			if (this.pauseConnectors) {
				for (ConnectorPauser connector : this.connectors) {
					connector.pause();
				}
			}
			this.lingerSinceNanos = nanoTime();
		}
		finally {
			this.closeConnections = true;
		}
		if (this.endlessResponses.isEnabled()) {
			this.endlessResponses.end();
		}
		for (ConnectorPauser connector : this.connectors) {
			closeWebSockets(connector);
		}
	}

	@Override
	public List<WorkSnapshot> abandon() {
		List<WorkSnapshot> abandoned = super.abandon();
		this.connectors.forEach(ConnectorPauser::abandon);
		return abandoned;
	}

	/**
	 * A request in flight.
	 */
	public static final class Request extends Work {

		private final RequestWorkload workload;

		private final String method;

		private final String path;

		private Request(RequestWorkload workload, String method, String path) {
			super(workload);
			this.workload = workload;
			this.method = method;
			this.path = path;
		}

		@Override
		public String getName() {
			int parameters = this.path.indexOf(';');
			return this.method + " " + ((parameters < 0) ? this.path : this.path.substring(0, parameters));
		}

		@Override
		protected void onEnd(WorkState outcome) {
			this.workload.lingerSinceNanos = this.workload.nanoTime();
		}

	}

}
