package io.github.gracefulshutdown.benchmarks;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.actuate.DrainEndpoint;
import io.github.gracefulshutdown.drain.Workloads;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.JobHandle;
import io.github.gracefulshutdown.tracking.InFlight;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;

/**
 * Many units in flight at once: their heap, the time from the end of the last one to the
 * end of the drain, and the answer of the endpoint. Runs in a separate process, because
 * of the size of the heap.
 *
 * @author The Graceful Shutdown authors
 */
public final class UnitsInFlight {

	private static final int ANSWERS = 9;

	private final ConfigurableApplicationContext context = BenchmarkApplication.start(false);

	private final CompletableFuture<Long> started = new CompletableFuture<>();

	private final CompletableFuture<Long> ended = new CompletableFuture<>();

	private UnitsInFlight() {
		this.context.addApplicationListener((event) -> {
			if (event instanceof PayloadApplicationEvent<?> published) {
				on(published.getPayload(), System.nanoTime());
			}
		});
	}

	private void on(Object event, long now) {
		if (event instanceof DrainStartedEvent) {
			this.started.complete(now);
		}
		else if (event instanceof DrainCompletedEvent completed) {
			if (completed.report().state() == DrainState.DRAINED) {
				this.ended.complete(now);
			}
			else {
				this.ended.completeExceptionally(new IllegalStateException(completed.report().toString()));
			}
		}
	}

	/**
	 * Measure, and print the rows of a table.
	 * @param arguments the number of units
	 * @throws Exception if something fails
	 */
	public static void main(String[] arguments) throws Exception {
		new UnitsInFlight().measure(Integer.parseInt(arguments[0]));
	}

	private void measure(int number) throws Exception {
		BackgroundJobs jobs = this.context.getBean(BackgroundJobs.class);
		// Load the classes, and allocate the objects that exist only once
		jobs.track("unit").close();
		answer();
		@Nullable JobHandle[] handles = new @Nullable JobHandle[number];
		long before = usedHeap();
		for (int i = 0; i < number; i++) {
			handles[i] = jobs.track("unit");
		}
		row("heap for each unit in flight, its handle included",
				"%.0f B".formatted((double) (usedHeap() - before) / number));
		answers("while running");
		this.context.getBean(GracefulShutdown.class).shutdown("benchmark");
		this.started.get(1, TimeUnit.MINUTES);
		answers("while draining");
		end(handles);
	}

	private void end(@Nullable JobHandle[] handles) throws Exception {
		long begin = System.nanoTime();
		for (JobHandle handle : handles) {
			if (handle != null) {
				handle.close();
			}
		}
		long last = System.nanoTime();
		long end = this.ended.get(1, TimeUnit.MINUTES);
		row("the end of all units, on one thread", milliseconds(last - begin));
		row("from the end of the last unit to the end of the drain", milliseconds(end - last));
	}

	private void answers(String when) {
		long[] times = new long[ANSWERS];
		String answer = "";
		for (int i = 0; i < ANSWERS; i++) {
			long begin = System.nanoTime();
			answer = answer();
			times[i] = System.nanoTime() - begin;
		}
		Arrays.sort(times);
		row("the endpoint's answer " + when,
				"%s, %d B of JSON".formatted(milliseconds(times[ANSWERS / 2]), answer.length()));
	}

	private String answer() {
		DrainEndpoint endpoint = new DrainEndpoint(this.context.getBean(GracefulShutdown.class),
				this.context.getBean(Workloads.class), this.context.getBean(InFlight.class));
		return JsonMapper.shared().writeValueAsString(endpoint.drain());
	}

	// After several full collections, because the first may not take all garbage
	private static long usedHeap() {
		for (int i = 0; i < 3; i++) {
			System.gc();
		}
		return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
	}

	private static String milliseconds(long nanos) {
		return "%.1f ms".formatted(nanos / 1e6);
	}

	private static void row(String what, String value) {
		System.out.println("| %s | %s |".formatted(what, value));
	}

}
