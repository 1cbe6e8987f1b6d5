package io.github.gracefulshutdown.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import io.github.gracefulshutdown.DrainReport.NotWaitedFor;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.Printable;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.drain.Workloads;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * {@link Endpoint @Endpoint} that shows the state of the shutdown and the work in flight.
 * With access {@code unrestricted} it also goes into standby and leaves it.
 *
 * @author The Graceful Shutdown authors
 */
@Endpoint(id = "drain", defaultAccess = Access.READ_ONLY)
public final class DrainEndpoint {

	private static final Log logger = LogFactory.getLog(DrainEndpoint.class);

	private static final int LIMIT = 100;

	private final GracefulShutdown shutdown;

	private final Workloads workloads;

	private final InFlight inFlight;

	/**
	 * Create an endpoint.
	 * @param shutdown the shutdown to show
	 * @param workloads the workloads to show
	 * @param inFlight where the work of unknown sources is counted
	 */
	public DrainEndpoint(GracefulShutdown shutdown, Workloads workloads, InFlight inFlight) {
		this.shutdown = shutdown;
		this.workloads = workloads;
		this.inFlight = inFlight;
	}

	/**
	 * Show the state of the shutdown.
	 * @return the description
	 */
	@ReadOperation
	public DrainDescriptor drain() {
		Thread self = Thread.currentThread();
		return drain((work) -> work.isOn(self));
	}

	/**
	 * Show the state of the shutdown.
	 * @param self whether a request is the one that asks
	 * @return the description
	 */
	DrainDescriptor drain(Predicate<Work> self) {
		Duration remaining = this.shutdown.remaining();
		return new DrainDescriptor(this.shutdown.state(), (remaining != null) ? Instant.now().plus(remaining) : null,
				remaining, this.workloads.all().stream().map((workload) -> describe(workload, self)).toList(),
				describe(this.inFlight.getNotWaitedFor()));
	}

	/**
	 * Go into standby.
	 * @param reason the reason, for the log, where it is one line of at most 200
	 * characters
	 * @return the description
	 */
	@WriteOperation
	public DrainDescriptor standBy(@Nullable String reason) {
		this.shutdown.standBy((reason != null) ? reason : "drain endpoint");
		return drain();
	}

	/**
	 * Leave standby.
	 * @return the description
	 */
	@DeleteOperation
	public DrainDescriptor resume() {
		this.shutdown.resume();
		return drain();
	}

	// The request that asks is not told about itself
	private static WorkloadDescriptor describe(Workload workload, Predicate<Work> self) {
		try {
			if (workload instanceof ServingWorkload && workload instanceof TrackedWorkload<?> tracked) {
				return describe(workload, workload.getInFlight() - tracked.count(self),
						tracked.describe(LIMIT, self.negate()));
			}
			return describe(workload, workload.getInFlight(), workload.describe(LIMIT));
		}
		catch (RuntimeException ex) {
			BestEffort.warn(logger, "Workload '%s' cannot be described".formatted(Printable.of(workload.getName())),
					ex);
			return new WorkloadDescriptor(workload.getName(), 0, List.of());
		}
	}

	private static WorkloadDescriptor describe(Workload workload, long inFlight, List<WorkSnapshot> works) {
		return new WorkloadDescriptor(workload.getName(), Math.max(0, inFlight),
				works.stream()
					.limit(LIMIT)
					.map((work) -> new WorkDescriptor(work.name(), work.state().lowerCase(), work.age(), work.running(),
							work.thread()))
					.toList());
	}

	private static NotWaitedForDescriptor describe(NotWaitedFor work) {
		return new NotWaitedForDescriptor(work.accepted(), work.inFlight(), work.threads());
	}

	/**
	 * Description of the shutdown.
	 *
	 * @param state the state of the shutdown
	 * @param deadline when unfinished work is abandoned, {@code null} before a shutdown
	 * @param remaining the time until then, or {@code null}
	 * @param workloads the workloads
	 * @param notWaitedFor the work of sources that the drain does not know
	 */
	public record DrainDescriptor(DrainState state, @Nullable Instant deadline, @Nullable Duration remaining,
			List<WorkloadDescriptor> workloads, NotWaitedForDescriptor notWaitedFor) implements OperationResponseBody {

	}

	/**
	 * Description of the work that is not waited for.
	 *
	 * @param accepted the number of work that was accepted
	 * @param inFlight the number of such work in flight
	 * @param threads how often each thread outside of all work has submitted work
	 */
	public record NotWaitedForDescriptor(long accepted, long inFlight, Map<String, Long> threads) {

	}

	/**
	 * Description of a workload.
	 *
	 * @param name its name
	 * @param inFlight the amount of work in flight
	 * @param work the work in flight, at most 100
	 */
	public record WorkloadDescriptor(String name, long inFlight, List<WorkDescriptor> work) {

	}

	/**
	 * Description of work in flight.
	 *
	 * @param name its name
	 * @param state its state
	 * @param age the time since it was accepted
	 * @param running the time since it began, or {@code null}
	 * @param thread the name of its thread, or {@code null}
	 */
	public record WorkDescriptor(String name, String state, Duration age, @Nullable Duration running,
			@Nullable String thread) {

	}

}
