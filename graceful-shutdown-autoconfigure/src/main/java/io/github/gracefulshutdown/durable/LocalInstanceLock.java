package io.github.gracefulshutdown.durable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

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

	private final CommittingJdbcTemplate jdbc;

	private @Nullable FileChannel channel;

	/**
	 * Create a lock.
	 * @param instance the identifier of this instance
	 * @param database the file of the database, {@code null} if it is in memory
	 * @param jdbc the database
	 */
	LocalInstanceLock(String instance, @Nullable Path database, CommittingJdbcTemplate jdbc) {
		this.instance = instance;
		this.database = database;
		this.jdbc = jdbc;
	}

	@Override
	public boolean acquire() throws IOException {
		ALIVE.put(this.instance, this);
		Path file = file(this.instance);
		if (file != null && this.channel == null) {
			this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
			if (this.channel.tryLock() == null) {
				throw new IOException("The lock on %s is taken".formatted(file));
			}
		}
		if (this.jdbc.write("update durable_instances set seen_at = 0 where id = ?", this.instance) == 0) {
			this.jdbc.write("insert into durable_instances (id, lock_key, seen_at) values (?, 0, 0)", this.instance);
		}
		return true;
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
		return this.jdbc
			.queryForList("select id from durable_instances union"
					+ " select owner from durable_jobs where owner is not null", String.class)
			.stream()
			.filter((other) -> !ALIVE.containsKey(other))
			.toList();
	}

	@Override
	public Optional<JobStore.TakenOver> ifDead(String instance, Supplier<JobStore.TakenOver> takeOver)
			throws IOException {
		Path file = file(instance);
		if (file == null) {
			return Optional.of(takeOver.get());
		}
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
				FileLock lock = channel.tryLock()) {
			if (lock == null) {
				return Optional.empty();
			}
			JobStore.TakenOver jobs = takeOver.get();
			Files.deleteIfExists(file);
			return Optional.of(jobs);
		}
	}

	@Override
	public void leave() throws IOException {
		this.jdbc.write("delete from durable_instances where id = ?", this.instance);
		ALIVE.remove(this.instance);
		FileChannel channel = this.channel;
		Path file = file(this.instance);
		if (channel != null && file != null) {
			channel.close();
			Files.deleteIfExists(file);
		}
	}

}
