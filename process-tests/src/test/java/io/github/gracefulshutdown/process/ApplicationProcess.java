package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The test application in a process of its own.
 *
 * @author The Graceful Shutdown authors
 */
public final class ApplicationProcess implements AutoCloseable {

	/**
	 * The argument that switches the starter off.
	 */
	public static final String WITHOUT_STARTER = "--graceful-shutdown.enabled=false";

	static final String VIRTUAL_THREADS = "--spring.threads.virtual.enabled=true";

	static final String ONE_THREAD = "--spring.task.execution.pool.core-size=1";

	static final String SERVER = "--spring.profiles.active=";

	private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

	/**
	 * Spring Boot's own line comes before runners. They are the work of some tests, and
	 * not to be seen by others.
	 */
	private static final Pattern STARTED = Pattern
		.compile("Started WorkTestApplication|The test application has started");

	private static final Pattern PORT = Pattern.compile("(?:Tomcat|Jetty|Netty) started on port (\\d+)");

	private static final Pattern MANAGEMENT_PORT = Pattern.compile("Tomcat started on port (\\d+).*'/'$",
			Pattern.MULTILINE);

	private final HttpClient client = HttpClient.newHttpClient();

	private final Path directory;

	private final Process process;

	private int port = -1;

	private ApplicationProcess(Path directory, Process process) {
		this.directory = directory;
		this.process = process;
	}

	private ApplicationProcess awaitStart() {
		Process process = this.process;
		try {
			Awaitility.await()
				.atMost(START_TIMEOUT)
				.until(() -> !process.isAlive() || STARTED.matcher(output()).find());
			assertThat(process.isAlive()).as(output()).isTrue();
		}
		catch (ConditionTimeoutException ex) {
			process.destroyForcibly();
			throw ex;
		}
		Matcher port = PORT.matcher(output());
		this.port = port.find() ? Integer.parseInt(port.group(1)) : -1;
		return this;
	}

	/**
	 * Begin to start the application, without waiting for it.
	 * @param directory where it may write
	 * @param arguments its arguments
	 * @return the process
	 */
	public static ApplicationProcess begin(Path directory, List<String> arguments) {
		return begin(directory, QuickStart.command(), arguments.toArray(String[]::new));
	}

	/**
	 * Start the application in a way that costs little processor time, with the same
	 * classes and settings as {@linkplain #startJar(Path, String...) its jar}. The system
	 * property {@code application.options} replaces that by the jar with JVM options.
	 * @param directory where it may write
	 * @param arguments its arguments
	 * @return the running application
	 */
	public static ApplicationProcess start(Path directory, String... arguments) {
		if (System.getProperty("application.options") != null) {
			return startJar(directory, arguments);
		}
		return start(directory, QuickStart.command(), arguments);
	}

	/**
	 * Start the executable jar with the defaults of the JVM, as users do.
	 * @param directory where it may write
	 * @param arguments its arguments
	 * @return the running application
	 */
	static ApplicationProcess startJar(Path directory, String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(StringUtils.tokenizeToStringArray(System.getProperty("application.options"), " ")));
		command.addAll(List.of("-jar", System.getProperty("application.jar")));
		return start(directory, command, arguments);
	}

	static ApplicationProcess start(Path directory, List<String> jvmArguments, String... arguments) {
		return begin(directory, jvmArguments, arguments).awaitStart();
	}

	private static ApplicationProcess begin(Path directory, List<String> jvmArguments, String... arguments) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(jvmArguments);
		command.addAll(
				List.of("--management.endpoints.web.exposure.include=*", "--journal=" + directory.resolve("journal")));
		command.addAll(List.of(arguments));
		try {
			return new ApplicationProcess(directory,
					new ProcessBuilder(command).redirectErrorStream(true)
						.redirectOutput(directory.resolve("output").toFile())
						.start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	int port() {
		return this.port;
	}

	int lastPort() {
		Matcher port = MANAGEMENT_PORT.matcher(output());
		int last = -1;
		while (port.find()) {
			last = Integer.parseInt(port.group(1));
		}
		return last;
	}

	/**
	 * Send a POST request.
	 * @param path its path and query
	 * @return the response
	 */
	public CompletableFuture<HttpResponse<String>> post(String path) {
		return send(request(this.port, path).POST(HttpRequest.BodyPublishers.noBody()));
	}

	CompletableFuture<HttpResponse<String>> get(String path) {
		return get(this.port, path);
	}

	CompletableFuture<HttpResponse<String>> get(int port, String path) {
		return send(request(port, path));
	}

	private static HttpRequest.Builder request(int port, String path) {
		return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).timeout(Duration.ofMinutes(1));
	}

	private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
		return this.client.sendAsync(request.build(), BodyHandlers.ofString());
	}

	/**
	 * Start jobs, and see each accepted.
	 * @param count how many
	 * @param millis how long each takes
	 */
	public void startJobs(int count, long millis) {
		start("/jobs", count, millis);
	}

	/**
	 * Start tasks that are not annotated as jobs, and see each accepted.
	 * @param count how many
	 * @param millis how long each takes
	 */
	void startTasks(int count, long millis) {
		start("/tasks", count, millis);
	}

	private void start(String path, int count, long millis) {
		for (int i = 0; i < count; i++) {
			assertThat(post(path + "?id=job-" + i + "&duration=" + millis).join().statusCode()).isEqualTo(202);
		}
	}

	/**
	 * Wait until a request is in flight besides the one that looks.
	 * @param name the name of the request
	 */
	void awaitInFlight(String name) {
		Awaitility.await()
			.atMost(START_TIMEOUT)
			.until(() -> get("/actuator/drain").join().body().contains("\"" + name + "\""));
	}

	/**
	 * Wait for a text in the output.
	 * @param text the text
	 */
	public void awaitOutput(String text) {
		Awaitility.await().atMost(START_TIMEOUT).until(() -> output().contains(text));
	}

	/**
	 * Send SIGTERM.
	 */
	public void terminate() {
		this.process.destroy();
	}

	/**
	 * Send SIGKILL, and wait for the end of the process.
	 */
	public void kill() {
		this.process.destroyForcibly();
		awaitExit();
	}

	/**
	 * Send SIGINT, as Ctrl-C does.
	 */
	void interrupt() {
		signal("INT");
	}

	/**
	 * Send a signal.
	 * @param name its name, such as {@code STOP}
	 */
	public void signal(String name) {
		try {
			new ProcessBuilder("kill", "-" + name, String.valueOf(this.process.pid())).start().waitFor();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return whether the process ignores SIGINT, which it inherits from a shell that
	 * started this build in the background.
	 * @return whether it ignores SIGINT, as far as that is known
	 */
	boolean ignoresInterrupts() {
		try {
			return Files.readAllLines(Path.of("/proc", String.valueOf(this.process.pid()), "status"))
				.stream()
				.filter((line) -> line.startsWith("SigIgn:"))
				.anyMatch((line) -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 2) != 0);
		}
		catch (IOException ex) {
			return false;
		}
	}

	boolean hasExited() {
		return !this.process.isAlive();
	}

	/**
	 * Wait for a line of the journal.
	 * @param line the line
	 */
	public void awaitJournal(String line) {
		Awaitility.await().atMost(START_TIMEOUT).until(() -> journal().contains(line));
	}

	/**
	 * Wait for the end of the process.
	 * @return the time from this call to the end
	 */
	public Duration awaitExit() {
		long begin = System.nanoTime();
		try {
			assertThat(this.process.waitFor(2, TimeUnit.MINUTES)).as(output()).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		return Duration.ofNanos(System.nanoTime() - begin);
	}

	int exitValue() {
		return this.process.exitValue();
	}

	public String output() {
		return read("output");
	}

	/**
	 * Return the finished jobs.
	 * @return the IDs of the finished jobs
	 */
	public List<String> journal() {
		return read("journal").lines().toList();
	}

	/**
	 * Return when the last job was finished.
	 * @return the instant
	 */
	Instant lastFinished() {
		try {
			return Files.getLastModifiedTime(this.directory.resolve("journal")).toInstant();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private String read(String file) {
		try {
			Path path = this.directory.resolve(file);
			return Files.exists(path) ? Files.readString(path) : "";
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
	}

}
