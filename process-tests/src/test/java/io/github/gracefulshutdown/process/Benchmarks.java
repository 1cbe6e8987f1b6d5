package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.boot.SpringBootVersion;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Measures the numbers of {@code docs/benchmarks.md}, plain Spring Boot and the starter
 * in turn, and writes them. Started by {@code benchmarks/run.sh}, and not one of the
 * tests: nothing is asserted about times.
 *
 * @author The Graceful Shutdown authors
 */
@EnabledIfSystemProperty(named = "benchmarks.repetitions", matches = "\\d+")
@Execution(ExecutionMode.SAME_THREAD)
class Benchmarks {

	private static final int REPETITIONS = Integer.getInteger("benchmarks.repetitions", 3);

	private static final int EXITS = 5 * REPETITIONS;

	/**
	 * Many, because the difference is smaller than the noise.
	 */
	private static final int IDLE_EXITS = 9 * REPETITIONS;

	private static final int TURNS = 5 * REPETITIONS;

	private static final List<String> SERVERS = List.of("tomcat", "jetty", "netty");

	private static final int CLIENTS = 32;

	private static final Path RESULT = Path.of("..", "docs", "benchmarks.md");

	@TempDir
	private Path directory;

	private final StringBuilder section = new StringBuilder();

	@Test
	void keepAliveLoss() throws IOException {
		row("server", "pause", "plain: GET", "plain: POST", "starter: GET", "starter: POST");
		row("---", "---", "---", "---", "---", "---");
		for (String server : SERVERS) {
			for (long pause : new long[] { 0, 50 }) {
				Comparison<RawClients> runs = inTurn((variant) -> terminateUnderLoad(variant, server, pause));
				row(server, pause + " ms", median(runs.plain(), (run) -> run.lost("GET")),
						median(runs.plain(), (run) -> run.lost("POST")),
						median(runs.starter(), (run) -> run.lost("GET")),
						median(runs.starter(), (run) -> run.lost("POST")));
			}
		}
		write("Keep-alive loss", """
				%d clients, half of them GET and half POST, send one request after the other on one connection
				each, with a pause after each response, and retry nothing. SIGTERM comes while one more request of
				3 s is in flight. Counted: connections whose request got no answer, in %d runs each.
				""".formatted(CLIENTS, REPETITIONS));
	}

	private RawClients terminateUnderLoad(Variant variant, String server, long pause) {
		try (ApplicationProcess application = start(variant, server);
				RawClients clients = RawClients.keepAlive(CLIENTS, application.port(), pause)) {
			var slow = application.get("/slow?duration=3000");
			clients.awaitResponses(CLIENTS * 4);
			application.terminate();
			slow.handle((response, ex) -> response).join();
			application.awaitExit();
			clients.awaitEnd();
			return clients;
		}
	}

	@Test
	void backlogLoss() throws IOException {
		row("server", "plain", "starter", "plain, each run", "starter, each run", "requests in a run");
		row("---", "---", "---", "---", "---", "---");
		for (String server : SERVERS) {
			Comparison<RawClients> runs = inTurn((variant) -> terminateUnderConnections(variant, server), REPETITIONS);
			row(server, median(runs.plain(), RawClients::lost), median(runs.starter(), RawClients::lost),
					lost(runs.plain()), lost(runs.starter()), median(runs.starter(), RawClients::responses));
		}
		write("Accept backlog",
				"""
						8 clients open a connection for each request, back to back, until they are refused. SIGTERM comes while
						they do. Counted: connections that were accepted, by the kernel at least, and whose request got no answer.
						With the starter, Jetty has no acceptor threads (`server.jetty.threads.acceptors=0`).
						""");
	}

	private RawClients terminateUnderConnections(Variant variant, String server) {
		try (ApplicationProcess application = start(variant, server, jettyAcceptors(variant));
				RawClients clients = RawClients.connecting(8, application.port())) {
			clients.awaitResponses(2000);
			application.terminate();
			clients.awaitEnd();
			application.awaitExit();
			return clients;
		}
	}

	// Without acceptor threads, the starter can serve the backlog. Plain: the default
	private static String jettyAcceptors(Variant variant) {
		return "--server.jetty.threads.acceptors=" + ((variant == Variant.STARTER) ? 0 : -1);
	}

	private static String lost(List<RawClients> runs) {
		return runs.stream().map(RawClients::lost).toList().toString();
	}

	@Test
	void rollingRestart() throws IOException {
		row("proxy", "server", "plain", "starter", "plain, each cycle", "starter, each cycle");
		row("---", "---", "---", "---", "---", "---");
		for (ReverseProxy proxy : ReverseProxy.values()) {
			for (String server : (proxy != ReverseProxy.NGINX_WITHOUT_RETRIES) ? SERVERS : List.of("tomcat")) {
				List<Integer> plain = restart(proxy, Variant.PLAIN, server);
				List<Integer> starter = restart(proxy, Variant.STARTER, server);
				row(proxy.toString(), server, median(plain, (failures) -> failures),
						median(starter, (failures) -> failures), plain.toString(), starter.toString());
			}
		}
		write("Rolling restart behind a proxy",
				"""
						In each cycle (%d here), two instances are restarted one after the other, the second when the first gets
						requests again, while %d clients send GET and POST requests with pauses of %d ms. HAProxy looks at the
						readiness probe every 500 ms and needs two failures, so the starter's `delay` is 3 s there. nginx has
						its default settings, or keeps connections, or does not retry, and the `delay` is 0. With the starter,
						Jetty has no acceptor threads (`server.jetty.threads.acceptors=0`). Counted: failed responses of a cycle.
						"""
					.formatted(REPETITIONS, RollingRestart.CLIENTS, RollingRestart.PAUSE_MILLIS));
	}

	private List<Integer> restart(ReverseProxy proxy, Variant variant, String server) {
		assertThat(proxy.isInstalled()).as(proxy + " is installed").isTrue();
		String delay = (proxy == ReverseProxy.HAPROXY) ? "3s" : "0s";
		List<Integer> failures = new ArrayList<>();
		try (RollingRestart restart = RollingRestart.start(runDirectory(), EnumSet.of(proxy), variant.argument,
				ApplicationProcess.SERVER + server, jettyAcceptors(variant), "--graceful-shutdown.delay=" + delay)) {
			for (int i = 0; i < REPETITIONS; i++) {
				int before = restart.failed(proxy);
				restart.restartAll();
				failures.add(restart.failed(proxy) - before);
			}
			System.out.printf("%s %s %s: %s%n", proxy, variant, server, restart);
		}
		return failures;
	}

	@Test
	void exitLatency() throws IOException {
		row("server", "when", "plain", "starter", "ratio");
		row("---", "---", "---", "---", "---");
		for (String server : SERVERS) {
			exitLatency(server, "idle", this::exitWhenIdle, IDLE_EXITS);
			exitLatency(server, "after the last request", this::exitAfterRequest, EXITS);
			exitLatency(server, "after the last job", this::exitAfterJob, EXITS);
		}
		write("Exit latency", """
				Milliseconds from SIGTERM (idle) or from the end of the last request or job to the end of the process.
				Plain Spring Boot is configured to wait for its executor's tasks
				(`spring.task.execution.shutdown.await-termination`), else it would lose the job; its web server has
				been stopped, and the first beans closed, when the job ends. The ratio is the median of the ratios of
				neighbouring runs. %d runs each, if idle %d. JVM options: `%s`.
				""".formatted(EXITS, IDLE_EXITS, System.getProperty("application.options", "").trim()));
	}

	@Test
	void stuckExit() throws IOException {
		Comparison<Long> runs = inTurn(this::exitWhenStuck, 1);
		row("", "plain", "starter");
		row("---", "---", "---");
		row("a request and a job that ignore interrupts", median(runs.plain(), Long::doubleValue),
				median(runs.starter(), Long::doubleValue));
		write("Exit with stuck work", """
				Milliseconds from SIGTERM to the end of the process, on Tomcat, with a `grace-period` of 8 s for the
				starter, and the timeouts of plain Spring Boot as they are by default. One run each.
				""");
	}

	private long exitWhenStuck(Variant variant) {
		try (ApplicationProcess application = start(variant, "tomcat", "--graceful-shutdown.grace-period=8s")) {
			application.get("/stuck");
			application.awaitOutput("stuck begins");
			application.post("/stuck-job").join();
			application.terminate();
			return application.awaitExit().toMillis();
		}
	}

	private void exitLatency(String server, String situation, Function<ApplicationProcess, Long> measurement,
			int exits) {
		Comparison<Long> runs = inTurn((variant) -> {
			try (ApplicationProcess application = start(variant, server,
					"--spring.task.execution.shutdown.await-termination=true",
					"--spring.task.execution.shutdown.await-termination-period=20s")) {
				assertThat(exchange(application, "GET", "/echo?id=hello")).endsWith("hello");
				settle();
				return measurement.apply(application);
			}
		}, exits);
		row(server, situation, median(runs.plain(), Long::doubleValue), median(runs.starter(), Long::doubleValue),
				ratio(runs, Long::doubleValue));
	}

	// Work in the background after the start must not be measured with the exit
	private static void settle() {
		try {
			TimeUnit.SECONDS.sleep(2);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private long exitWhenIdle(ApplicationProcess application) {
		application.terminate();
		return application.awaitExit().toMillis();
	}

	private long exitAfterRequest(ApplicationProcess application) {
		var slow = CompletableFuture.supplyAsync(() -> exchange(application, "GET", "/slow?duration=2000"));
		application.awaitOutput("slow begins");
		application.terminate();
		assertThat(slow.join()).endsWith("slow");
		return application.awaitExit().toMillis();
	}

	private long exitAfterJob(ApplicationProcess application) {
		assertThat(exchange(application, "POST", "/jobs?id=job&duration=2000")).contains(" 202 ");
		application.terminate();
		application.awaitExit();
		return Duration.between(application.lastFinished(), Instant.now()).toMillis();
	}

	// On a connection that is closed by the server
	private static String exchange(ApplicationProcess application, String method, String path) {
		try (Socket socket = new Socket("localhost", application.port())) {
			socket.setSoTimeout(60_000);
			socket.getOutputStream()
				.write("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
					.formatted(method, path)
					.getBytes(StandardCharsets.US_ASCII));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void costPerRequest() throws Exception {
		row("server", "", "plain", "starter", "ratio");
		row("---", "---", "---", "---", "---");
		for (String server : SERVERS) {
			Comparison<Load> runs = load(server);
			row(server, "requests per second", median(runs.plain(), Load::perSecond),
					median(runs.starter(), Load::perSecond), ratio(runs, Load::perSecond));
			row(server, "p50, µs", median(runs.plain(), Load::p50), median(runs.starter(), Load::p50),
					ratio(runs, Load::p50));
			row(server, "p99, µs", median(runs.plain(), Load::p99), median(runs.starter(), Load::p99),
					ratio(runs, Load::p99));
			row(server, "bytes allocated per request", median(runs.plain(), Load::bytes),
					median(runs.starter(), Load::bytes), ratio(runs, Load::bytes));
		}
		write("Cost per request",
				"""
						Two processes, one with and one without the starter, get the same small GET request back to back on 4
						connections in turns of 2 s, after a warm-up of 30 s each. Client and servers share the machine.
						Netty answers on its event loop. The ratio is the median of the ratios of neighbouring turns, %d of them.
						"""
					.formatted(TURNS));
	}

	private Comparison<Load> load(String server) throws Exception {
		String path = server.equals("netty") ? "/reactive-echo" : "/echo";
		try (ApplicationProcess plain = start(Variant.PLAIN, server);
				ApplicationProcess starter = start(Variant.STARTER, server);
				LoadClients plainClients = new LoadClients(4, plain.port(), path);
				LoadClients starterClients = new LoadClients(4, starter.port(), path)) {
			for (int i = 0; i < 15; i++) {
				plainClients.run(2000);
				starterClients.run(2000);
			}
			return inTurn(
					(variant) -> (variant == Variant.PLAIN) ? load(plain, plainClients) : load(starter, starterClients),
					TURNS);
		}
	}

	private static Load load(ApplicationProcess application, LoadClients clients) {
		long allocatedBefore = allocated(application);
		long begin = System.nanoTime();
		long[] times = clients.run(2000);
		double seconds = (System.nanoTime() - begin) / 1e9;
		long allocated = allocated(application) - allocatedBefore;
		return new Load(times.length / seconds, times[times.length / 2] / 1e3, times[times.length * 99 / 100] / 1e3,
				(double) allocated / times.length);
	}

	private static long allocated(ApplicationProcess application) {
		return Long.parseLong(application.get("/allocated").join().body());
	}

	private ApplicationProcess start(Variant variant, String server, String... arguments) {
		return ApplicationProcess.start(runDirectory(),
				Stream.concat(Stream.of(variant.argument, ApplicationProcess.SERVER + server), Stream.of(arguments))
					.toArray(String[]::new));
	}

	private Path runDirectory() {
		try {
			return Files.createTempDirectory(this.directory, "run");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static <T> Comparison<T> inTurn(Function<Variant, T> measurement) {
		return inTurn(measurement, REPETITIONS);
	}

	private static <T> Comparison<T> inTurn(Function<Variant, T> measurement, int repetitions) {
		Comparison<T> runs = new Comparison<>(new ArrayList<>(), new ArrayList<>());
		for (int i = 0; i < repetitions; i++) {
			// In alternating order, in case the second is at an advantage
			for (Variant variant : (i % 2 == 0) ? List.of(Variant.PLAIN, Variant.STARTER)
					: List.of(Variant.STARTER, Variant.PLAIN)) {
				((variant == Variant.PLAIN) ? runs.plain() : runs.starter()).add(measurement.apply(variant));
			}
		}
		return runs;
	}

	private static <T> String median(List<T> runs, ToDoubleFunction<T> value) {
		return String.format(Locale.ROOT, "%.0f", median(runs.stream().mapToDouble(value)));
	}

	private static <T> String ratio(Comparison<T> runs, ToDoubleFunction<T> value) {
		return String.format(Locale.ROOT, "%.2f", median(IntStream.range(0, runs.plain().size())
			.mapToDouble(
					(i) -> value.applyAsDouble(runs.starter().get(i)) / value.applyAsDouble(runs.plain().get(i)))));
	}

	private static double median(DoubleStream values) {
		double[] sorted = values.sorted().toArray();
		return sorted[(sorted.length - 1) / 2];
	}

	private void row(String... cells) {
		String row = "| " + String.join(" | ", cells) + " |";
		System.out.println(row);
		this.section.append(row).append('\n');
	}

	// Replaces the section with the last numbers, or appends one
	private void write(String title, String explanation) throws IOException {
		String section = """
				## %s

				%s
				On %s %s with %d processors that other work may share, Java %s, Spring Boot %s, %s.

				%s
				""".formatted(title, explanation, System.getProperty("os.name"), System.getProperty("os.arch"),
				Runtime.getRuntime().availableProcessors(), Runtime.version(), SpringBootVersion.getVersion(),
				LocalDate.now(ZoneOffset.UTC), this.section);
		String document = Files.readString(RESULT);
		int begin = document.indexOf("## " + title + "\n");
		int end = (begin >= 0) ? document.indexOf("\n## ", begin) : -1;
		String before = (begin >= 0) ? document.substring(0, begin) : document + "\n";
		String after = (end >= 0) ? document.substring(end + 1) : "";
		Files.writeString(RESULT, (before + section + after).stripTrailing() + "\n");
	}

	/**
	 * The two sides of a comparison.
	 */
	private enum Variant {

		PLAIN(ApplicationProcess.WITHOUT_STARTER),

		STARTER("--graceful-shutdown.enabled=true");

		private final String argument;

		Variant(String argument) {
			this.argument = argument;
		}

	}

	/**
	 * The numbers of both sides, measured in turn.
	 *
	 * @param <T> the type of a measurement
	 * @param plain without the starter
	 * @param starter with the starter
	 */
	private record Comparison<T>(List<T> plain, List<T> starter) {

	}

	/**
	 * The numbers of one turn of load.
	 *
	 * @param perSecond the throughput
	 * @param p50 the median of the times, in microseconds
	 * @param p99 the 99th percentile, in microseconds
	 * @param bytes the bytes that were allocated for each request
	 */
	private record Load(double perSecond, double p50, double p99, double bytes) {

	}

}
