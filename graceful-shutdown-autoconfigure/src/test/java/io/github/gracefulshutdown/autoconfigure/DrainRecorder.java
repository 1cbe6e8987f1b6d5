package io.github.gracefulshutdown.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.Workload;

import org.springframework.context.event.EventListener;

/**
 * Workload of an application. It is in flight until it is stopped, and records each
 * drain.
 *
 * @author The Graceful Shutdown authors
 */
class DrainRecorder implements Workload {

	private final List<DrainReport> reports = new CopyOnWriteArrayList<>();

	private final GracefulShutdown shutdown;

	private volatile Runnable onDrainStarted = () -> {
	};

	private volatile boolean stopped;

	DrainRecorder(GracefulShutdown shutdown) {
		this.shutdown = shutdown;
	}

	void onDrainStarted(Runnable action) {
		this.onDrainStarted = action;
	}

	List<DrainReport> getReports() {
		return this.reports;
	}

	GracefulShutdown getShutdown() {
		return this.shutdown;
	}

	@Override
	public String getName() {
		return "pollers";
	}

	@Override
	public long getInFlight() {
		return this.stopped ? 0 : 1;
	}

	@Override
	public void stopAccepting() {
		this.stopped = true;
	}

	@Override
	public List<WorkSnapshot> abandon() {
		throw new IllegalStateException("The drain did not wait for the end");
	}

	@EventListener
	void on(DrainStartedEvent event) {
		this.onDrainStarted.run();
	}

	@EventListener
	void on(DrainCompletedEvent event) {
		this.reports.add(event.report());
	}

}
