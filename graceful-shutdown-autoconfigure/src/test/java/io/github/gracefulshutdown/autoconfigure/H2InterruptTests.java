package io.github.gracefulshutdown.autoconfigure;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An H2 database in a file, and an interrupt of a thread that writes. Proves the advice
 * of {@link H2FileCheck}.
 *
 * @author The Graceful Shutdown authors
 */
class H2InterruptTests {

	private static final String TEXT = "x".repeat(100_000);

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "", "file:", "nioMapped:", "split:" })
	void aDatabaseIsClosedForAllOthers(String kind) throws SQLException {
		String url = url(kind);
		assertThat(H2FileCheck.isFile(url)).isTrue();
		Connection other = open(url);
		Connection writer = DriverManager.getConnection(url);
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> writeInterrupted(writer));
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> count(other))
			.withMessageStartingWith("The database has been closed");
	}

	@ParameterizedTest
	@ValueSource(strings = { "async:", "file:async:", "split:async:" })
	void aDatabaseOnAsynchronousChannelsSurvivesAndTheStatementSucceeds(String kind) throws SQLException {
		String url = url(kind);
		assertThat(H2FileCheck.isFile(url)).isFalse();
		try (Connection other = open(url); Connection writer = DriverManager.getConnection(url)) {
			for (int i = 0; i < 20; i++) {
				writeInterrupted(writer);
			}
			assertThat(count(other)).isEqualTo(20);
		}
		try (Connection again = DriverManager.getConnection(url)) {
			assertThat(count(again)).isEqualTo(20);
		}
	}

	private String url(String kind) {
		return "jdbc:h2:%s%s;WRITE_DELAY=0".formatted(kind, this.directory.resolve("data"));
	}

	private static Connection open(String url) throws SQLException {
		Connection connection = DriverManager.getConnection(url);
		try (Statement statement = connection.createStatement()) {
			statement.execute("create table texts (text clob)");
		}
		return connection;
	}

	// An interrupt that is pending acts when the thread gets to the file
	private static void writeInterrupted(Connection connection) throws SQLException {
		Thread.currentThread().interrupt();
		try (PreparedStatement insert = connection.prepareStatement("insert into texts values (?)");
				Statement checkpoint = connection.createStatement()) {
			insert.setString(1, TEXT);
			insert.executeUpdate();
			checkpoint.execute("checkpoint sync");
		}
		finally {
			assertThat(Thread.interrupted()).isTrue();
		}
	}

	private static int count(Connection connection) throws SQLException {
		try (PreparedStatement select = connection.prepareStatement("select length(text) from texts")) {
			var rows = select.executeQuery();
			int number = 0;
			while (rows.next()) {
				assertThat(rows.getInt(1)).isEqualTo(TEXT.length());
				number++;
			}
			return number;
		}
	}

}
