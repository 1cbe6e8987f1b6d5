package io.github.gracefulshutdown.durable;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A durable job as it is stored at one moment. Arguments and progress are not shown,
 * because they may be secret. All times are those of the database.
 *
 * @param id its identifier
 * @param name its name when it was stored, which may be a former name
 * @param key its key, or {@code null}; dead and parked jobs have lost theirs
 * @param state its state
 * @param attempts the number of failed attempts, 0 or more
 * @param deaths the number of processes that ended while they ran it, 0 or more
 * @param acceptedAt when it was called
 * @param dueAt when it may begin, or might begin last
 * @param pickedAt when an instance last picked it, or {@code null}
 * @param instance the instance that runs it, or {@code null}
 * @param error the last failure, of at most 2,000 characters, or {@code null}; it is the
 * text of an exception of the application
 * @author The Graceful Shutdown authors
 */
public record DurableJobInfo(JobId id, String name, @Nullable String key, DurableJobState state, int attempts,
		int deaths, Instant acceptedAt, Instant dueAt, @Nullable Instant pickedAt, @Nullable String instance,
		@Nullable String error) {

}
