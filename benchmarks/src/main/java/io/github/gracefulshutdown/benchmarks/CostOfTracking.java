package io.github.gracefulshutdown.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks, and writes their section of {@code docs/benchmarks.md}. Started by
 * {@code benchmarks/cost.sh}.
 *
 * @author The Graceful Shutdown authors
 */
public final class CostOfTracking {

	private static final String TITLE = "## Cost of tracking";

	private static final int FORKS = Integer.getInteger("benchmarks.forks", 3);

	private static final int ITERATIONS = Integer.getInteger("benchmarks.iterations", 10);

	private static final int UNITS = Integer.getInteger("benchmarks.units", 1_000_000);

	/**
	 * Moves long-lived objects to the old generation during the warm-up, as in an
	 * application that has run for a while.
	 */
	private static final String SMALL_YOUNG_GENERATION = "-Xmn32m";

	private static final Map<String, String> CALLS = Map.of("job", "`@BackgroundJob`, observed (with Actuator)",
			"jobThatIsNotObserved", "`@BackgroundJob`, without observations", "interceptorThatDoesNothing",
			"an interceptor that does nothing", "timedLongTask", "`@Timed(longTask = true)`, Micrometer's aspect",
			"longAdder", "`LongAdder.increment()`, no proxy", "observation",
			"Micrometer's `Observation` with the same key values, no proxy");

	private CostOfTracking() {
	}

	public static void main(String[] arguments) throws Exception {
		StringBuilder section = new StringBuilder(introduction());
		calls(section);
		units(section);
		unitsInFlight(section);
		BenchmarksDocument.write(section.toString());
	}

	private static String introduction() {
		return """
				%s

				Written by `benchmarks/cost.sh`. JMH with %d forks of %d measured seconds each; a unit is one piece of
				tracked work.

				%s

				""".formatted(TITLE, FORKS, ITERATIONS, BenchmarksDocument.machine());
	}

	private static void calls(StringBuilder section) throws RunnerException {
		section.append("""
				| a call through a Spring proxy, on one thread | ns | ± | bytes allocated |
				| --- | --- | --- | --- |
				""");
		for (RunResult run : run(CallBenchmark.class, 1)) {
			section.append(row(CALLS.getOrDefault(name(run), name(run)), run));
		}
		section.append('\n');
	}

	private static void units(StringBuilder section) throws RunnerException {
		section.append("""
				| start and end | ns | ± | bytes allocated |
				| --- | --- | --- | --- |
				""");
		Map<String, String> rows = new TreeMap<>();
		for (int threads : List.of(1, 2, 4)) {
			for (RunResult run : run(UnitBenchmark.class, threads)) {
				String what = name(run).equals("longAdder") ? "`LongAdder`" : "a tracked unit";
				rows.put(what + threads, row("%s, %d thread(s)".formatted(what, threads), run));
			}
		}
		rows.values().forEach(section::append);
		section.append('\n');
	}

	private static Collection<RunResult> run(Class<?> benchmark, int threads) throws RunnerException {
		return new Runner(new OptionsBuilder().include(benchmark.getName() + "\\.")
			.jvmArgsAppend(SMALL_YOUNG_GENERATION)
			.threads(threads)
			.forks(FORKS)
			.warmupIterations(Math.max(1, ITERATIONS / 2))
			.warmupTime(TimeValue.seconds(1))
			.measurementIterations(ITERATIONS)
			.measurementTime(TimeValue.seconds(1))
			.addProfiler(GCProfiler.class)
			.shouldFailOnError(true)
			.build()).run();
	}

	private static String name(RunResult run) {
		String benchmark = run.getParams().getBenchmark();
		return benchmark.substring(benchmark.lastIndexOf('.') + 1);
	}

	private static String row(String what, RunResult run) {
		Result<?> time = run.getPrimaryResult();
		double bytes = Double.NaN;
		for (String measure : run.getSecondaryResults().keySet()) {
			if (measure.endsWith("gc.alloc.rate.norm")) {
				bytes = run.getSecondaryResults().get(measure).getScore();
			}
		}
		return String.format(Locale.ROOT, "| %s | %.1f | %.1f | %.0f |%n", what, time.getScore(), time.getScoreError(),
				bytes);
	}

	private static void unitsInFlight(StringBuilder section) throws IOException, InterruptedException {
		section.append("""
				| %,d units in flight (`BackgroundJobs.track`), heap of 2 GB | |
				| --- | --- |
				""".formatted(UNITS));
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xms2g", "-Xmx2g", "-cp", System.getProperty("java.class.path"), UnitsInFlight.class.getName(),
				Integer.toString(UNITS))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
			.filter((line) -> line.startsWith("|"))
			.forEach((line) -> section.append(line).append('\n'));
		if (process.waitFor() != 0) {
			throw new IllegalStateException("Exit code " + process.exitValue());
		}
	}

}
