package io.github.gracefulshutdown.benchmarks.durable;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL of Debian's package with its defaults, so each commit waits for the disk.
 * Counts the statements of each database. Ends with this process.
 *
 * @author The Graceful Shutdown authors
 */
final class PostgreSqlServer {

	private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

	private final Path directory;

	private final Path programs;

	private final int port;

	private PostgreSqlServer(Path directory, Path programs, int port) {
		this.directory = directory;
		this.programs = programs;
		this.port = port;
	}

	static PostgreSqlServer start() throws IOException, InterruptedException {
		if (!Files.isDirectory(VERSIONS)) {
			throw new IllegalStateException("PostgreSQL is not installed: apt-get install postgresql");
		}
		Path programs;
		try (Stream<Path> versions = Files.list(VERSIONS)) {
			programs = versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
		}
		int port;
		try (ServerSocket socket = new ServerSocket(0)) {
			port = socket.getLocalPort();
		}
		PostgreSqlServer server = new PostgreSqlServer(Files.createTempDirectory("postgresql"), programs, port);
		server.run();
		return server;
	}

	private void run() throws IOException, InterruptedException {
		if (isRoot()) {
			execute(List.of("chown", "postgres", this.directory.toString()));
		}
		program("initdb", "-U", "test", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8");
		program("pg_ctl", "-l", this.directory.resolve("log").toString(), "-w", "-o",
				("-p %d -h 127.0.0.1 -k %s -c max_connections=400" + " -c shared_preload_libraries=pg_stat_statements")
					.formatted(this.port, this.directory),
				"start");
		Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
		jdbc("postgres").execute("create extension pg_stat_statements");
	}

	private void stop() {
		try {
			program("pg_ctl", "-m", "immediate", "stop");
			FileSystemUtils.deleteRecursively(this.directory);
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static boolean isRoot() {
		return System.getProperty("user.name").equals("root");
	}

	// PostgreSQL refuses to run as root
	private void program(String name, String... arguments) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>();
		if (isRoot()) {
			command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
		}
		command
			.addAll(List.of(this.programs.resolve(name).toString(), "-D", this.directory.resolve("data").toString()));
		command.addAll(Arrays.asList(arguments));
		execute(command);
	}

	private void execute(List<String> command) throws IOException, InterruptedException {
		Path output = Files.createTempFile("postgresql", ".log");
		Process process = new ProcessBuilder(command).directory(Path.of("/").toFile())
			.redirectErrorStream(true)
			.redirectOutput(output.toFile())
			.start();
		if (process.waitFor() != 0) {
			throw new IllegalStateException(Files.readString(output));
		}
		Files.delete(output);
	}

	/**
	 * Create an empty database.
	 * @param name its name
	 * @return its URL
	 */
	String create(String name) {
		jdbc("postgres").execute("create database " + name);
		return url(name);
	}

	private String url(String database) {
		return "jdbc:postgresql://127.0.0.1:%d/%s?user=test".formatted(this.port, database);
	}

	JdbcTemplate jdbc(String database) {
		return new JdbcTemplate(new DriverManagerDataSource(url(database)));
	}

	String version() {
		return String.valueOf(jdbc("postgres").queryForObject("show server_version", String.class))
			.replaceAll(" .*", "");
	}

	/**
	 * Return the number of statements that a database has executed, with those that begin
	 * and end transactions.
	 * @param database its name
	 * @return the number of statements so far
	 */
	long statements(String database) {
		Long calls = jdbc("postgres").queryForObject("select coalesce(sum(calls), 0) from pg_stat_statements"
				+ " where dbid = (select oid from pg_database where datname = ?)", Long.class, database);
		return (calls != null) ? calls : 0;
	}

}
