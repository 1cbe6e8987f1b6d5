package io.github.gracefulshutdown.drain;

import java.util.List;
import java.util.function.Supplier;

import io.github.gracefulshutdown.Workload;

import org.springframework.util.function.SingletonSupplier;

/**
 * All workloads of an application context. They are found on first use, so that a
 * workload may depend on the drain. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class Workloads {

	private final SingletonSupplier<List<Workload>> workloads;

	/**
	 * Create workloads.
	 * @param workloads finds them, in the order in which they are stopped and reported
	 */
	public Workloads(Supplier<List<Workload>> workloads) {
		this.workloads = SingletonSupplier.of(workloads);
	}

	/**
	 * Return all workloads.
	 * @return the workloads, in the order in which they are stopped and reported
	 */
	public List<Workload> all() {
		return this.workloads.obtain();
	}

}
