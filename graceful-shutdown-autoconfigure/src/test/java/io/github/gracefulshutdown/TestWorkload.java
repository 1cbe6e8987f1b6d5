package io.github.gracefulshutdown;

import org.jspecify.annotations.Nullable;

/**
 * The simplest tracked workload.
 *
 * @author The Graceful Shutdown authors
 */
class TestWorkload extends TrackedWorkload<Work> {

	TestWorkload(String name, InFlight inFlight) {
		super(name, inFlight, System::nanoTime);
	}

	Work begin() {
		Work work = tryBegin();
		if (work == null) {
			throw new IllegalStateException("Rejected");
		}
		return work;
	}

	@Nullable Work tryBegin() {
		Work work = new TestWork(this);
		return admit(work) ? work : null;
	}

	/**
	 * Work with nothing of its own.
	 */
	static class TestWork extends Work {

		TestWork(TestWorkload workload) {
			super(workload);
		}

	}

}
