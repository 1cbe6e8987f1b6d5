package io.github.gracefulshutdown.tracking;

import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The simplest tracked workload.
 *
 * @author The Graceful Shutdown authors
 */
public class TestWorkload extends TrackedWorkload<Work> {

	public TestWorkload(String name, InFlight inFlight) {
		this(name, inFlight, System::nanoTime);
	}

	public TestWorkload(String name, InFlight inFlight, LongSupplier clock) {
		super(name, inFlight, clock);
	}

	public Work begin() {
		Work work = tryBegin();
		if (work == null) {
			throw new IllegalStateException("Rejected");
		}
		return work;
	}

	public @Nullable Work tryBegin() {
		Work work = new TestWork(this);
		return admitOrReject(work) ? work : null;
	}

	/**
	 * The simplest work.
	 */
	private static final class TestWork extends Work {

		TestWork(TestWorkload workload) {
			super(workload);
		}

	}

}
