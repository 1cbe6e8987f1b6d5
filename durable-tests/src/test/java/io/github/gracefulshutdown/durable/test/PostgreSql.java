package io.github.gracefulshutdown.durable.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A PostgreSQL of Debian's package. One server is for all tests of a JVM.
 *
 * @author The Graceful Shutdown authors
 */
final class PostgreSql {

	private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

	private static final AtomicInteger databases = new AtomicInteger();

	private static @Nullable PostgreSql instance;

	private final Path directory;

	private final Path programs;

	private final int port;

	private PostgreSql() throws IOException {
		assumeTrue(Files.isDirectory(VERSIONS), "PostgreSQL is not installed: apt-get install postgresql");
		try (Stream<Path> versions = Files.list(VERSIONS)) {
			this.programs = versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
		}
		this.directory = Files.createTempDirectory("postgresql");
		try (ServerSocket socket = new ServerSocket(0)) {
			this.port = socket.getLocalPort();
		}
		if (isRoot()) {
			run("chown", "postgres", this.directory.toString());
		}
		program("initdb", "-D", data(), "-U", "test", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8");
		start();
		Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
	}

	/**
	 * Start the server.
	 */
	void start() {
		program("pg_ctl", "-D", data(), "-l", this.directory.resolve("log").toString(), "-w", "-o",
				"-p %d -h 127.0.0.1 -k %s -c max_connections=200".formatted(this.port, this.directory), "start");
	}

	/**
	 * Stop the server as a crash does. Its connections break.
	 */
	void stop() {
		program("pg_ctl", "-D", data(), "-m", "immediate", "stop");
	}

	/**
	 * Restart the server as after a crash.
	 */
	void restart() {
		program("pg_ctl", "-D", data(), "-l", this.directory.resolve("log").toString(), "-w", "-m", "immediate",
				"restart");
	}

	private String data() {
		return this.directory.resolve("data").toString();
	}

	private static boolean isRoot() {
		return System.getProperty("user.name").equals("root");
	}

	// PostgreSQL refuses to run as root
	private void program(String name, String... arguments) {
		List<String> command = new ArrayList<>();
		if (isRoot()) {
			command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
		}
		command.add(this.programs.resolve(name).toString());
		command.addAll(Arrays.asList(arguments));
		run(command.toArray(String[]::new));
	}

	private void run(String... command) {
		try {
			Path output = Files.createTempFile("postgresql", ".log");
			Process process = new ProcessBuilder(command).directory(Path.of("/").toFile())
				.redirectErrorStream(true)
				.redirectOutput(output.toFile())
				.start();
			assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
			assertThat(process.exitValue()).as(Files.readString(output)).isZero();
			Files.delete(output);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Start a server of its own for a test that stops it.
	 * @return the server
	 */
	static PostgreSql startNew() {
		try {
			return new PostgreSql();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Create an empty database in the server of all tests.
	 * @return its URL
	 */
	static String newDatabase() {
		return instance().createDatabase();
	}

	/**
	 * Create an empty database in this server.
	 * @return its URL
	 */
	String createDatabase() {
		String name = "test" + databases.incrementAndGet();
		new JdbcTemplate(new DriverManagerDataSource(url("postgres"))).execute("create database " + name);
		return url(name);
	}

	private static synchronized PostgreSql instance() {
		PostgreSql result = instance;
		if (result == null) {
			result = startNew();
			instance = result;
		}
		return result;
	}

	private String url(String database) {
		return "jdbc:postgresql://127.0.0.1:%d/%s?user=test".formatted(this.port, database);
	}

}
