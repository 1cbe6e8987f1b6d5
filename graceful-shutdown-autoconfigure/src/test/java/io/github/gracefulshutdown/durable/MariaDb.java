package io.github.gracefulshutdown.durable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A MariaDB of Debian's package, one for all tests of a JVM.
 *
 * @author The Graceful Shutdown authors
 */
final class MariaDb {

	private static final Path SERVER = Path.of("/usr/sbin/mariadbd");

	private static final AtomicInteger databases = new AtomicInteger();

	private static @Nullable MariaDb instance;

	private final Path directory;

	private final int port;

	private @Nullable Process process;

	private MariaDb() throws IOException {
		assumeTrue(Files.isExecutable(SERVER), "MariaDB is not installed: apt-get install mariadb-server");
		this.directory = Files.createTempDirectory("mariadb");
		try (ServerSocket socket = new ServerSocket(0)) {
			this.port = socket.getLocalPort();
		}
		assertThat(waitFor(run("mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db")))
			.as(() -> read(output()))
			.isZero();
		startServer();
		Runtime.getRuntime().addShutdownHook(new Thread(this::stopServer));
	}

	// Without a user of its own, the server refuses to run as root
	private Process run(String program, String... arguments) {
		ProcessBuilder builder = new ProcessBuilder(program, "--no-defaults",
				"--datadir=" + this.directory.resolve("data"), "--user=" + System.getProperty("user.name"));
		builder.command().addAll(List.of(arguments));
		try {
			return builder.redirectErrorStream(true).redirectOutput(output().toFile()).start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static int waitFor(Process process) {
		try {
			assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		return process.exitValue();
	}

	private Path output() {
		return this.directory.resolve("output");
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void startServer() {
		this.process = run(SERVER.toString(), "--port=" + this.port, "--bind-address=127.0.0.1",
				"--socket=" + this.directory.resolve("socket"), "--max-connections=200",
				"--innodb-flush-log-at-trx-commit=2");
		Awaitility.await()
			.atMost(Duration.ofMinutes(1))
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(jdbc().queryForList("select 1")).as(() -> read(output())).hasSize(1));
	}

	private void stopServer() {
		Process process = this.process;
		if (process != null) {
			process.destroyForcibly();
			waitFor(process);
		}
	}

	private JdbcTemplate jdbc() {
		return new JdbcTemplate(new DriverManagerDataSource(url("mysql")));
	}

	/**
	 * Create an empty database.
	 * @return its URL
	 */
	static synchronized String newDatabase() {
		MariaDb instance = instance();
		String name = "test" + databases.incrementAndGet();
		instance.jdbc().execute("create database " + name);
		return instance.url(name);
	}

	/**
	 * Stop the server as a crash does. Its connections break.
	 */
	static void stop() {
		instance().stopServer();
	}

	static void start() {
		instance().startServer();
	}

	private static synchronized MariaDb instance() {
		MariaDb result = instance;
		if (result == null) {
			try {
				result = new MariaDb();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			instance = result;
		}
		return result;
	}

	private String url(String database) {
		return "jdbc:mariadb://127.0.0.1:%d/%s?user=root".formatted(this.port, database);
	}

}
