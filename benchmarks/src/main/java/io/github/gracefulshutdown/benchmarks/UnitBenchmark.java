package io.github.gracefulshutdown.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The start and the end of one tracked unit on several threads, and a {@link LongAdder}
 * to compare it with.
 *
 * @author The Graceful Shutdown authors
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class UnitBenchmark {

	private final Units units = new Units();

	private final LongAdder adder = new LongAdder();

	@Benchmark
	public boolean trackedUnit() {
		Unit unit = this.units.accept();
		unit.attach();
		return unit.end(WorkState.COMPLETED);
	}

	@Benchmark
	public void longAdder() {
		this.adder.increment();
		this.adder.decrement();
	}

	private static final class Unit extends Work {

		Unit(Units workload) {
			super(workload);
		}

	}

	private static final class Units extends TrackedWorkload<Unit> {

		Units() {
			super("units", new InFlight(), System::nanoTime);
		}

		Unit accept() {
			Unit unit = new Unit(this);
			if (!admitOrReject(unit)) {
				throw new IllegalStateException("Sealed");
			}
			return unit;
		}

	}

}
