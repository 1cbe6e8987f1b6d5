package io.github.gracefulshutdown.actuate;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.durable.DurableEngine;
import io.github.gracefulshutdown.durable.DurableJobInfo;
import io.github.gracefulshutdown.durable.DurableJobState;
import io.github.gracefulshutdown.durable.DurableJobs;
import io.github.gracefulshutdown.durable.JobCount;
import io.github.gracefulshutdown.durable.JobId;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * {@link WebEndpoint @WebEndpoint} that shows the stored durable jobs of all instances.
 * With access {@code unrestricted} it also retries and discards them. Shows neither their
 * arguments nor their progress.
 *
 * @author The Graceful Shutdown authors
 */
@WebEndpoint(id = "durablejobs", defaultAccess = Access.READ_ONLY)
public final class DurableJobsEndpoint {

	private static final Log logger = LogFactory.getLog(DurableJobsEndpoint.class);

	private static final int LIMIT = 100;

	private static final int STATUS_CONFLICT = 409;

	private final DurableJobs jobs;

	private final DurableEngine engine;

	/**
	 * Create an endpoint.
	 * @param jobs the jobs to show
	 * @param engine counts the jobs
	 */
	public DurableJobsEndpoint(DurableJobs jobs, DurableEngine engine) {
		this.jobs = jobs;
		this.engine = engine;
	}

	/**
	 * Show the stored jobs.
	 * @return their numbers, and at most 100 in each state
	 */
	@ReadOperation
	public DurableJobsDescriptor durableJobs() {
		Map<String, Map<DurableJobState, Long>> counts = new TreeMap<>();
		for (JobCount count : this.engine.count()) {
			counts.computeIfAbsent(count.name(), (name) -> new TreeMap<>()).put(count.state(), count.count());
		}
		return new DurableJobsDescriptor(this.engine.getInstance(), counts,
				counts.keySet().stream().filter((name) -> !this.engine.isKnown(name)).toList(),
				list(DurableJobState.QUEUED), list(DurableJobState.RUNNING), list(DurableJobState.DEAD),
				list(DurableJobState.PARKED));
	}

	private List<DurableJobDescriptor> list(DurableJobState state) {
		return this.jobs.list(state, LIMIT).stream().map((job) -> describe(job, firstLine(job.error()))).toList();
	}

	private static @Nullable String firstLine(@Nullable String error) {
		return (error != null) ? Printable.of(error.lines().findFirst().orElse("")) : null;
	}

	private static DurableJobDescriptor describe(DurableJobInfo job, @Nullable String error) {
		return new DurableJobDescriptor(job.id().value(), job.name(), job.key(), job.state(), job.attempts(),
				job.deaths(), job.acceptedAt(), job.dueAt(), job.pickedAt(), job.instance(), error);
	}

	/**
	 * Show a job.
	 * @param id its identifier
	 * @return the job with its whole error, or {@code null} if it is not stored
	 */
	@ReadOperation
	public @Nullable DurableJobDescriptor durableJob(@Selector String id) {
		return this.jobs.find(new JobId(id)).map((job) -> describe(job, job.error())).orElse(null);
	}

	/**
	 * Let a job that is not running begin anew and at once. If this application does not
	 * know its name, it waits for an instance that does.
	 * @param id its identifier
	 * @return an empty response, also if the job is not stored; the job if it is running
	 */
	@WriteOperation
	public WebEndpointResponse<DurableJobDescriptor> retry(@Selector String id) {
		return respond(id, this.jobs.retry(new JobId(id)), "retried");
	}

	/**
	 * Delete a job that is not running.
	 * @param id its identifier
	 * @return an empty response, also if the job is not stored; the job if it is running
	 */
	@DeleteOperation
	public WebEndpointResponse<DurableJobDescriptor> discard(@Selector String id) {
		return respond(id, this.jobs.discard(new JobId(id)), "discarded");
	}

	private WebEndpointResponse<DurableJobDescriptor> respond(String id, boolean done, String change) {
		if (done) {
			logger.info("Durable job %s was %s by hand".formatted(Printable.of(id), change));
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
		}
		Optional<DurableJobDescriptor> running = Optional.ofNullable(durableJob(id));
		return running.map((job) -> new WebEndpointResponse<>(job, STATUS_CONFLICT))
			.orElseGet(() -> new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND));
	}

	/**
	 * Description of the stored jobs.
	 *
	 * @param instance the name of this instance, or {@code null} if this application has
	 * no durable job
	 * @param counts the number of jobs by name and state
	 * @param unknown the names of jobs that this version of the application cannot run
	 * @param queued the jobs that wait, at most 100, those first that are due first
	 * @param running the jobs that run in any instance, at most 100
	 * @param dead the dead letters, at most 100
	 * @param parked the jobs whose arguments cannot be read, at most 100
	 */
	public record DurableJobsDescriptor(@Nullable String instance, Map<String, Map<DurableJobState, Long>> counts,
			List<String> unknown, List<DurableJobDescriptor> queued, List<DurableJobDescriptor> running,
			List<DurableJobDescriptor> dead, List<DurableJobDescriptor> parked) implements OperationResponseBody {

	}

	/**
	 * Description of a job.
	 *
	 * @param id its identifier
	 * @param name its name
	 * @param key its key, or {@code null}
	 * @param state its state
	 * @param attempts the number of failed attempts
	 * @param deaths the number of processes that ended while they ran it
	 * @param acceptedAt when it was called
	 * @param dueAt when it may begin, or might begin last
	 * @param pickedAt when an instance last picked it, or {@code null}
	 * @param instance the instance that runs it, or {@code null}
	 * @param error its last failure, in lists the first line of it, or {@code null}
	 */
	public record DurableJobDescriptor(String id, String name, @Nullable String key, DurableJobState state,
			int attempts, int deaths, Instant acceptedAt, Instant dueAt, @Nullable Instant pickedAt,
			@Nullable String instance, @Nullable String error) implements OperationResponseBody {

	}

}
