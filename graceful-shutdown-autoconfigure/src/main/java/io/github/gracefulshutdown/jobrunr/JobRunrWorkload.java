package io.github.gracefulshutdown.jobrunr;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.states.ProcessingState;
import org.jobrunr.server.BackgroundJobServer;

import org.springframework.core.annotation.Order;

/**
 * The jobs that servers of JobRunr run in this JVM. None is picked after the signal.
 * Running ones are waited for, and interrupted shortly before the deadline. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.JOBRUNR)
public final class JobRunrWorkload implements ResumableWorkload {

	private static final Log logger = LogFactory.getLog(JobRunrWorkload.class);

	private final boolean interrupting;

	private final LongSupplier clock;

	private final InstantSource wallClock;

	private final List<JobServer> servers = new CopyOnWriteArrayList<>();

	/**
	 * Create a workload.
	 * @param interrupting whether jobs are interrupted shortly before the deadline
	 * @param clock the monotonic clock, in nanoseconds
	 * @param wallClock the clock by which JobRunr notes when a job begins
	 */
	public JobRunrWorkload(boolean interrupting, LongSupplier clock, InstantSource wallClock) {
		this.interrupting = interrupting;
		this.clock = clock;
		this.wallClock = wallClock;
	}

	/**
	 * Wait for the jobs of a server.
	 * @param server the server
	 */
	synchronized void add(BackgroundJobServer server) {
		if (this.servers.stream().noneMatch((known) -> known.is(server))) {
			this.servers.add(new JobServer(server, this.clock));
		}
	}

	@Override
	public String getName() {
		return "jobrunr";
	}

	@Override
	public long getInFlight() {
		long inFlight = 0;
		for (JobServer server : this.servers) {
			inFlight += server.getOccupied();
		}
		return inFlight;
	}

	/**
	 * Looks at all of them, since each may need more than one look.
	 */
	@Override
	public boolean isIdle() {
		boolean idle = true;
		for (JobServer server : this.servers) {
			idle &= server.isIdle();
		}
		return idle;
	}

	@Override
	public void stopAccepting() {
		BestEffort.forEach(logger, this.servers, (server) -> "holding the workers of JobRunr", JobServer::hold);
	}

	@Override
	public void resumeAccepting() {
		BestEffort.forEach(logger, this.servers, (server) -> "releasing the workers of JobRunr", JobServer::release);
	}

	@Override
	public void cancel() {
		if (this.interrupting) {
			BestEffort.forEach(logger, this.servers, (server) -> "interrupting the jobs of JobRunr",
					JobServer::interrupt);
		}
	}

	@Override
	public List<WorkSnapshot> abandon() {
		return describe(Integer.MAX_VALUE, true);
	}

	/**
	 * The oldest come first.
	 */
	@Override
	public List<WorkSnapshot> describe(int limit) {
		return describe(limit, false);
	}

	private List<WorkSnapshot> describe(int limit, boolean withStacks) {
		Instant now = this.wallClock.instant();
		return this.servers.stream()
			.flatMap((server) -> describe(server, now, withStacks))
			.sorted(Comparator.comparing(WorkSnapshot::age).reversed())
			.limit(limit)
			.toList();
	}

	private Stream<WorkSnapshot> describe(JobServer server, Instant now, boolean withStacks) {
		return server.getRunning().stream().map((job) -> describe(job, server.getThread(job), now, withStacks));
	}

	private WorkSnapshot describe(Job job, Optional<Thread> thread, Instant now, boolean withStack) {
		Duration age = job.getLastJobStateOfType(ProcessingState.class)
			.map((processing) -> Duration.between(processing.getCreatedAt(), now))
			// The clock may have been set back since
			.filter((since) -> !since.isNegative())
			.orElse(Duration.ZERO);
		return new WorkSnapshot(getName(), "%s %s".formatted(job.getJobSignature(), job.getId()), WorkState.RUNNING,
				age, age, thread.map(Thread::getName).orElse(null),
				withStack ? thread.map((running) -> List.of(running.getStackTrace())).orElse(List.of()) : List.of());
	}

}
