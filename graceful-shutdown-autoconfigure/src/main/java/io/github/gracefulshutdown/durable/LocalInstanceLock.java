package io.github.gracefulshutdown.durable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * {@link InstanceLock} on a file beside the database, for all processes of this machine.
 * It needs no heartbeat: the operating system releases the lock when the process ends, at
 * once and not before. A database in memory needs no file.
 *
 * @author The Graceful Shutdown authors
 */
final class LocalInstanceLock implements InstanceLock {

	/**
	 * The instances of this JVM. POSIX releases a lock as soon as the process closes any
	 * channel of the file, so their files must not be opened again. Holds them strongly:
	 * a channel that is collected drops its lock.
	 */
	private static final Map<String, LocalInstanceLock> ALIVE = new ConcurrentHashMap<>();

	private final String instance;

	private final @Nullable Path database;

	private final JdbcTemplate jdbc;

	private @Nullable FileChannel channel;

	private @Nullable FileLock lock;

	/**
	 * Create a lock.
	 * @param instance the identifier of this instance
	 * @param database the file of the database, {@code null} if it is in memory
	 * @param jdbc the database
	 */
	LocalInstanceLock(String instance, @Nullable Path database, JdbcTemplate jdbc) {
		this.instance = instance;
		this.database = database;
		this.jdbc = jdbc;
	}

	@Override
	public void acquire() throws IOException {
		ALIVE.put(this.instance, this);
		Path file = file(this.instance);
		if (file != null && this.lock == null) {
			this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
			this.lock = this.channel.tryLock();
			if (this.lock == null) {
				throw new IOException("The lock on %s is taken".formatted(file));
			}
		}
		if (this.jdbc.update("update durable_instances set seen_at = 0 where id = ?", this.instance) == 0) {
			this.jdbc.update("insert into durable_instances (id, lock_key, seen_at) values (?, 0, 0)", this.instance);
		}
	}

	private @Nullable Path file(String instance) {
		return (this.database != null)
				? this.database.resolveSibling("%s.%s.lock".formatted(this.database.getFileName(), instance)) : null;
	}

	@Override
	public boolean beat() {
		return true;
	}

	@Override
	public List<String> findSilent() {
		return this.jdbc.queryForList("select id from durable_instances where id <> ?", String.class, this.instance)
			.stream()
			.filter((other) -> !ALIVE.containsKey(other))
			.toList();
	}

	@Override
	public boolean ifDead(String instance, Runnable takeOver) throws IOException {
		Path file = file(instance);
		if (file == null) {
			takeOver(instance, takeOver);
			return true;
		}
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
				FileLock lock = channel.tryLock()) {
			if (lock == null) {
				return false;
			}
			takeOver(instance, takeOver);
			Files.deleteIfExists(file);
			return true;
		}
	}

	private void takeOver(String instance, Runnable takeOver) {
		takeOver.run();
		this.jdbc.update("delete from durable_instances where id = ?", instance);
	}

	@Override
	public void leave(boolean forget) {
		// What still runs here stays locked until the process ends
		if (!forget) {
			return;
		}
		this.jdbc.update("delete from durable_instances where id = ?", this.instance);
		ALIVE.remove(this.instance);
		close();
		Path file = file(this.instance);
		if (file != null) {
			try {
				Files.deleteIfExists(file);
			}
			catch (IOException ex) {
				// An empty file is left
			}
		}
	}

	@Override
	public void close() {
		FileChannel channel = this.channel;
		this.channel = null;
		this.lock = null;
		if (channel != null) {
			try {
				channel.close();
			}
			catch (IOException ex) {
				// The lock ends with the process
			}
		}
	}

}
