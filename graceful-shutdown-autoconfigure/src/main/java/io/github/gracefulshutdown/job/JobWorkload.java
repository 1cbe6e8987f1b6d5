package io.github.gracefulshutdown.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.DrainThreads;
import io.github.gracefulshutdown.tracking.DroppedTickets;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TrackedWorkload;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.Order;

/**
 * The background jobs in flight. New jobs are accepted until the drain has ended.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.JOBS)
public final class JobWorkload extends TrackedWorkload<Job> {

	/**
	 * The tag of all jobs whose names are not among the first.
	 */
	static final String OTHER = "other";

	private static final Log logger = LogFactory.getLog(JobWorkload.class);

	/**
	 * The number of names that become tags of meters.
	 */
	private static final int MOST_TAGS = 999;

	private static final int FUTURES_UNTIL_LOOK = 64;

	private final Set<String> tags = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean tooManyNames = new AtomicBoolean();

	private final Map<Job, Future<?>> futures = new ConcurrentHashMap<>();

	private final Stopping stopping;

	private final DroppedTickets tickets;

	private final GracefulShutdown shutdown;

	private final InFlight inFlight;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param tickets finds jobs that were dropped
	 * @param shutdown knows the time until the deadline
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public JobWorkload(InFlight inFlight, DroppedTickets tickets, GracefulShutdown shutdown, LongSupplier clock) {
		super("jobs", inFlight, clock);
		this.inFlight = inFlight;
		this.tickets = tickets;
		this.shutdown = shutdown;
		this.stopping = new Stopping(shutdown);
	}

	/**
	 * Accept a job that has not begun.
	 * @param name the name of the job
	 * @param onDrain how a shutdown treats the job
	 * @return the job
	 * @throws JobRejectedException if the drain has ended, or has begun and would cancel
	 * the job
	 */
	Job accept(String name, OnDrain onDrain) {
		return accept(new Job(this, name, onDrain));
	}

	/**
	 * Accept a job that has not begun.
	 * @param job the new job
	 * @return the job
	 * @throws JobRejectedException if the drain has ended, or has begun and would cancel
	 * the job
	 */
	Job accept(Job job) {
		this.tickets.cancelDropped();
		if (!admitOrReject(job)) {
			throw new JobRejectedException(job.getName());
		}
		rejectIfCancelling(job);
		return job;
	}

	/**
	 * Accept a job that plain Spring would submit to an executor.
	 * @param job the new job
	 * @return the job; {@code null} if the drain has ended in time, and a thread submits
	 * the job that does not close the application: the executor decides then, as in plain
	 * Spring
	 * @throws JobRejectedException if the drain has ended otherwise, or has begun and
	 * would cancel the job
	 */
	@Nullable Job acceptForExecutor(Job job) {
		if (job.getOnDrain() != OnDrain.CANCEL && !this.inFlight.isClosing()) {
			if (admit(job)) {
				return job;
			}
			if (!this.inFlight.isExpired()) {
				return null;
			}
		}
		return accept(job);
	}

	/**
	 * Accept a job that the calling thread runs, and so waits for. If the drain has ended
	 * in time, the call is not tracked: what closes the application may still need it.
	 * @param job the new job
	 * @return whether the job was admitted; if not, it only is the context of its code
	 * @throws JobRejectedException if the drain has reached its deadline, or would cancel
	 * the job
	 */
	boolean admitCall(Job job) {
		this.tickets.cancelDropped();
		boolean refused = job.getOnDrain() == OnDrain.CANCEL || this.shutdown.state() == DrainState.EXPIRED;
		if (!refused) {
			return tryAdmit(job);
		}
		if (!admitOrReject(job)) {
			throw new JobRejectedException(job.getName());
		}
		rejectIfCancelling(job);
		return true;
	}

	/**
	 * Accept a job that nobody has declared: plain Spring would run it after the drain
	 * too.
	 * @param job the new job
	 * @return whether the job was admitted
	 */
	boolean admit(Job job) {
		this.tickets.cancelDropped();
		return tryAdmit(job);
	}

	// Only after the admission: otherwise a drain that begins in between misses the job
	private void rejectIfCancelling(Job job) {
		if (job.getOnDrain() == OnDrain.CANCEL && this.stopping.isBegun() && job.discard(WorkState.REJECTED)) {
			throw new JobRejectedException(job.getName());
		}
	}

	/**
	 * Return the tag of a job. Each tag is a time series that lasts, so their number is
	 * limited.
	 * @param name the name of the job
	 * @return the name, or {@value #OTHER} if there are too many names
	 */
	String tagOf(String name) {
		if (this.tags.contains(name) || (this.tags.size() < MOST_TAGS && this.tags.add(name))) {
			return name;
		}
		if (this.tooManyNames.compareAndSet(false, true)) {
			logger.warn("Background jobs have %d names, such as '%s'. Meters show the others as '%s': use few names"
				.formatted(MOST_TAGS + 1, name, OTHER) + ", without identifiers");
		}
		return OTHER;
	}

	Stopping getStopping() {
		return this.stopping;
	}

	/**
	 * Notifies the jobs in flight. New jobs are still accepted.
	 */
	@Override
	public void stopAccepting() {
		this.stopping.begin();
		for (Job job : works()) {
			if (job.getOnDrain() == OnDrain.CANCEL && !job.discard(WorkState.CANCELLED)) {
				cancel(job);
			}
		}
		callCancellations();
		if (works().iterator().hasNext()) {
			DrainThreads.start("job-stopping", () -> works().forEach(Job::callStoppingCallbacks));
		}
	}

	@Override
	public void cancel() {
		super.cancel();
		callCancellations();
	}

	// Upstream and downstream may be user code: run it on its own thread
	private void callCancellations() {
		List<Job> jobs = new ArrayList<>();
		for (Job job : works()) {
			if (job.isCancelled() && job.hasCancellation()) {
				jobs.add(job);
			}
		}
		if (!jobs.isEmpty()) {
			DrainThreads.start("job-cancelling", () -> jobs.forEach(Job::callCancellation));
		}
	}

	/**
	 * Issue the ticket with which a job goes through an executor. If the executor drops
	 * the ticket, the job is cancelled.
	 * @param job the job
	 * @return the ticket
	 */
	JobTicket issueTicket(Job job) {
		JobTicket ticket = new JobTicket(job);
		this.tickets.issue(job, ticket);
		return ticket;
	}

	void ended(Job job) {
		this.tickets.forget(job);
	}

	/**
	 * The method of a job has returned: the job has ended, or will end with the future
	 * that the method returned.
	 * @param job the job
	 * @param result the return value of the method
	 */
	void returned(Job job, @Nullable Object result) {
		if (result instanceof CompletionStage<?> stage) {
			job.detach();
			stage.whenComplete((value, ex) -> end(job, ex));
		}
		else if (result instanceof Future<?> future) {
			if (future.isDone()) {
				end(job, future);
			}
			else {
				job.detach();
				this.futures.put(job, future);
				if (this.futures.size() % FUTURES_UNTIL_LOOK == 0) {
					lookForEnded();
				}
			}
		}
		else {
			job.complete(WorkState.COMPLETED);
		}
	}

	private static void end(Job job, Future<?> done) {
		// Some futures refuse to tell their result to an interrupted thread
		boolean interrupted = Thread.interrupted();
		try {
			done.get();
			job.complete(WorkState.COMPLETED);
		}
		catch (ExecutionException ex) {
			end(job, ex.getCause());
		}
		catch (CancellationException | InterruptedException ex) {
			job.fail(ex);
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * End a job.
	 * @param job the job
	 * @param ex the reason why it failed, or {@code null}
	 */
	static void end(Job job, @Nullable Throwable ex) {
		if (ex == null) {
			job.complete(WorkState.COMPLETED);
		}
		else {
			job.fail((ex instanceof CompletionException && ex.getCause() != null) ? ex.getCause() : ex);
		}
	}

	@Override
	public long getInFlight() {
		lookForEnded();
		return super.getInFlight();
	}

	@Override
	public boolean isIdle() {
		boolean idle = super.isIdle();
		if (!idle) {
			this.tickets.collectIfStuck();
		}
		return idle;
	}

	/**
	 * Begin the job of an application's start on the calling thread.
	 * @param job the new job
	 * @return whether the job has begun
	 */
	boolean begin(StartJob job) {
		return tryAdmit(job) && job.attach();
	}

	@Override
	public List<WorkSnapshot> abandon() {
		lookForEnded();
		List<Job> jobs = new ArrayList<>();
		works().forEach(jobs::add);
		List<WorkSnapshot> abandoned = super.abandon();
		// Actions that depend on the futures are user code: run them on their own thread
		DrainThreads.start("job-results", () -> jobs.stream().filter(Job::isAbandoned).forEach((job) -> {
			job.cancelResult();
			job.callCancellation();
		}));
		return abandoned;
	}

	/**
	 * Look for jobs that ended without a notification: a plain {@link Future} has none,
	 * and an executor may drop a job.
	 */
	private void lookForEnded() {
		this.futures.forEach((job, future) -> {
			if (future.isDone()) {
				this.futures.remove(job);
				end(job, future);
			}
		});
		this.tickets.cancelDropped();
	}

}
