package io.github.gracefulshutdown.durable;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.gracefulshutdown.WorkState;
import io.micrometer.observation.ObservationRegistry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationListener;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Picks durable jobs from the store and runs them in this process. Has no thread and no
 * connection if the application has no durable job. Thread-safe.
 * <p>
 * A job is stored as picked if a worker is free. Otherwise it is offered to the next one
 * that is. All others are found by looking. Jobs that this instance leaves to others are
 * announced to them, so that they look at once. A job that only waits for a thread is
 * not: each commit of an announcement takes a lock in PostgreSQL, and the others look
 * soon. Candidates are not locked until a worker picks them.
 *
 * @author The Graceful Shutdown authors
 */
public final class DurableEngine
		implements SmartInitializingSingleton, ApplicationListener<AvailabilityChangeEvent<?>>, DisposableBean {

	/**
	 * The name of the bean.
	 */
	public static final String BEAN_NAME = "drainDurableEngine";

	private static final Log logger = LogFactory.getLog(DurableEngine.class);

	/**
	 * Candidates for each thread.
	 */
	private static final int CANDIDATES = 3;

	/**
	 * Jobs that are stored meanwhile share the next announcement.
	 */
	private static final long ANNOUNCEMENT_PAUSE_MILLIS = 10;

	private static final long CLOSE_MILLIS = 1000;

	private static final long LOOK_NANOS = TimeUnit.MINUTES.toNanos(1);

	private final DurableJobDefinitions definitions;

	private final JobJson json;

	private final DurableWorkload workload;

	private final DurableSettings settings;

	private final Supplier<Storage> opener;

	private final DurableObservations observations;

	private final DurableStatistics statistics;

	private final Semaphore slots;

	private final Candidates candidates;

	private final Semaphore wake = new Semaphore(0);

	private final Outage outage = new Outage(() -> storage().store().checkWritable());

	private final Refusals refusals = new Refusals();

	/**
	 * Whether there may be more jobs than were fetched.
	 */
	private volatile boolean backlog;

	/**
	 * Whether jobs are queued that other instances do not know of.
	 */
	private final AtomicBoolean unannounced = new AtomicBoolean();

	/**
	 * Whether the answer of the store to a pick may have been lost.
	 */
	private volatile boolean unsure;

	private volatile boolean started;

	private volatile boolean closed;

	private volatile boolean ending;

	/**
	 * Whether this instance has ended without leaving jobs to be taken over.
	 */
	private volatile boolean nothingLeft;

	private volatile @Nullable Storage storage;

	private volatile @Nullable Running running;

	/**
	 * Create an engine.
	 * @param postProcessor knows the jobs
	 * @param workload the runs of the jobs
	 * @param settings how jobs are run
	 * @param dataSource the application's database, resolved when the first job is known
	 * @param file where the jobs are kept instead, or {@code null}; resolved if there is
	 * no database, or if the application has set it
	 * @param observations the registry of observations, resolved at the first job
	 */
	public DurableEngine(DurableJobBeanPostProcessor postProcessor, DurableWorkload workload, DurableSettings settings,
			Supplier<? extends @Nullable DataSource> dataSource, Supplier<? extends @Nullable Path> file,
			Supplier<ObservationRegistry> observations) {
		this.definitions = postProcessor.getDefinitions();
		this.json = postProcessor.getJson();
		this.workload = workload;
		this.settings = settings;
		this.slots = new Semaphore(settings.threads());
		this.candidates = new Candidates(CANDIDATES * settings.threads());
		this.observations = new DurableObservations(observations, this.json);
		this.statistics = new DurableStatistics(this.definitions, this::count, System::nanoTime);
		this.opener = () -> Storage.open(dataSource, file, settings, this.definitions);
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (!this.definitions.isEmpty()) {
			storage();
		}
	}

	// A caller must not wait for the start, which may wait for the connection of a caller
	private Storage storage() {
		Storage storage = this.storage;
		return (storage != null) ? storage : open();
	}

	private synchronized Storage open() {
		Storage storage = this.storage;
		if (storage == null) {
			storage = this.opener.get();
			this.storage = storage;
		}
		return storage;
	}

	/**
	 * The jobs of the last process begin when this one is ready.
	 */
	@Override
	public void onApplicationEvent(AvailabilityChangeEvent<?> event) {
		if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC && !this.definitions.isEmpty()) {
			start();
		}
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	synchronized void start() {
		if (this.started || this.closed) {
			return;
		}
		Storage storage = storage();
		Completions completions = new Completions(storage.store(), this.outage, this::done);
		Instance instance = new Instance(storage.lock(), storage.store(), this.workload::cancel, this::wake,
				this::takenOver, this::isPicking);
		instance.start();
		// One thread for each job: a thread that is interrupted too late does no other
		// job. Not a bean: the drain counts the jobs and not their tasks
		SimpleAsyncTaskExecutor workers = new SimpleAsyncTaskExecutor(
				DaemonThreads.factory("durable-", this.settings.virtual()));
		Thread poller = DaemonThreads.create("durable-poller", this::poll);
		JobRunner runner = new JobRunner(this.definitions, this.workload, storage, instance, completions, this.json,
				this.observations, this.statistics);
		this.running = new Running(storage, instance, completions, runner, workers, poller);
		this.workload.onChange(this::pickingChanged);
		this.started = true;
		completions.start();
		poller.start();
	}

	private void pickingChanged() {
		if (isPicking()) {
			wake();
		}
		else {
			this.candidates.drop();
			moreIsQueued();
		}
	}

	private boolean isPicking() {
		Running running = this.running;
		return running != null && !this.closed && this.workload.isAccepting() && running.instance().isSafe();
	}

	private void wake() {
		this.wake.release();
	}

	/**
	 * There may be queued jobs that nobody has been told of.
	 */
	private void moreIsQueued() {
		if (!isPicking()) {
			this.unannounced.set(true);
		}
		wake();
	}

	private void takenOver(JobStore.TakenOver jobs) {
		this.statistics.takenOver(jobs);
		if (jobs.due() > this.slots.availablePermits()) {
			this.unannounced.set(true);
		}
		if (jobs.due() > 0) {
			moreIsQueued();
		}
	}

	/**
	 * Store a job. It runs here as soon as it is committed, if a worker is free.
	 * @param name the name of the job
	 * @param key its key, or {@code null}
	 * @param payload its arguments
	 * @return its identifier
	 */
	JobId store(String name, @Nullable String key, String payload) {
		JobStore store = storage().store();
		// A job that is being cancelled may still store another one
		return this.observations.observe(name,
				(trace) -> Uninterrupted.call(() -> store(store, StoredJob.of(name, payload, trace), key)));
	}

	// A job for which a worker is free is stored as picked: each commit waits for the
	// disk. Not in a transaction, whose end may be far
	private JobId store(JobStore store, StoredJob job, @Nullable String key) {
		Running running = this.running;
		if (running != null && isPicking() && isKnown(job.name()) && isNoneWaiting() && !store.isInTransaction()
				&& this.slots.tryAcquire()) {
			if (this.workload.beginPick()) {
				return storePicked(running, job.picked(), key);
			}
			release();
		}
		return store.insert(job, key, this::offer);
	}

	// Jobs that wait are older
	private boolean isNoneWaiting() {
		return !this.backlog && this.candidates.isEmpty() && !this.candidates.isFull();
	}

	private JobId storePicked(Running running, StoredJob job, @Nullable String key) {
		boolean begun = false;
		boolean sure = false;
		this.candidates.addTaken(job);
		try {
			JobId id = running.store().insertPicked(job, key, running.name());
			boolean stored = id.value().equals(job.id());
			begun = stored && execute(running, job, () -> {
				running.runner().runPicked(job);
				return true;
			});
			sure = begun || !stored;
			return id;
		}
		finally {
			if (!begun) {
				this.workload.endPick();
				this.candidates.forget(job);
				if (!sure) {
					this.unsure = true;
					wake();
				}
				release();
			}
		}
	}

	Optional<DurableJobInfo> find(JobId id) {
		return ask(Optional.empty(), (store) -> store.find(id));
	}

	List<DurableJobInfo> list(DurableJobState state, int limit) {
		return ask(List.of(), (store) -> store.list(state, limit));
	}

	boolean retry(JobId id) {
		return ask(false, (store) -> store.requeue(id, this::moreIsQueued));
	}

	boolean discard(JobId id) {
		return ask(false, (store) -> store.discard(id));
	}

	/**
	 * Count the stored jobs of all instances.
	 * @return the numbers, by name and state
	 */
	public List<JobCount> count() {
		return ask(List.of(), JobStore::count);
	}

	/**
	 * Return the name of this instance in the store.
	 * @return the name, or {@code null} if this application has no durable job
	 */
	public @Nullable String getInstance() {
		return !this.definitions.isEmpty() ? storage().instance() : null;
	}

	/**
	 * Return whether this application has a job.
	 * @param name the name or former name of the job
	 * @return whether it can run jobs of that name
	 */
	public boolean isKnown(String name) {
		return this.definitions.find(name) != null;
	}

	public DurableStatistics getStatistics() {
		return this.statistics;
	}

	/**
	 * Run an action once all jobs of this application are known.
	 * @param action the action, run at once if they are
	 */
	public void whenDefined(Runnable action) {
		this.definitions.whenComplete(action);
	}

	private <T> T ask(T withoutJobs, Function<JobStore, T> question) {
		if (this.definitions.isEmpty()) {
			return withoutJobs;
		}
		JobStore store = storage().store();
		return Uninterrupted.call(() -> question.apply(store));
	}

	private void offer(StoredJob job) {
		if (!isPicking()) {
			moreIsQueued();
			return;
		}
		// Jobs that have to be looked for are older, and must not wait for ever
		if (!this.backlog && !this.candidates.isFull() && this.candidates.add(job)) {
			dispatch();
		}
		else {
			this.backlog = true;
			wakeIfBacklog();
		}
	}

	private void wakeIfBacklog() {
		if (this.backlog && this.candidates.size() <= this.settings.threads()) {
			wake();
		}
	}

	private void poll() {
		long looked = System.nanoTime();
		while (!this.ending) {
			if (!isPicking() || fetch()) {
				this.outage.endIfWritable();
			}
			// From time to time, also if there is no reason: a database may do late what
			// it was asked for
			if (this.unsure || System.nanoTime() - looked > LOOK_NANOS) {
				looked = System.nanoTime();
				handOverUnknown();
			}
			try {
				if (announce()) {
					Thread.sleep(ANNOUNCEMENT_PAUSE_MILLIS);
				}
				if (this.wake.tryAcquire(this.settings.pollInterval().toNanos(), TimeUnit.NANOSECONDS)) {
					this.wake.drainPermits();
				}
			}
			catch (InterruptedException ex) {
				// Nobody knows this thread
			}
		}
		this.nothingLeft = isNothingRunning() && handOverUnknown();
		announce();
	}

	/**
	 * Tell the other instances, if there is news for them.
	 * @return whether they were told
	 */
	private boolean announce() {
		Running running = this.running;
		if (running == null || !this.unannounced.getAndSet(false)) {
			return false;
		}
		try {
			running.storage().lock().announce();
			return true;
		}
		catch (Throwable ex) {
			// They look, too
			this.unannounced.set(true);
			logger.debug("Queued jobs cannot be announced", ex);
			return false;
		}
	}

	/**
	 * Look for jobs.
	 * @return whether the store could be read
	 */
	private boolean fetch() {
		Running running = this.running;
		if (running == null) {
			return true;
		}
		if (this.candidates.isFull()) {
			this.backlog = true;
			dispatch();
			return true;
		}
		try {
			this.backlog = false;
			boolean suspects = this.candidates.isWithoutSuspect();
			look(running, suspects);
			if (suspects && this.backlog && !this.candidates.isFull()) {
				// Those that were found are suspects, which wait for each other. Others
				// must not wait for them
				look(running, false);
			}
			dispatch();
			if (!isPicking()) {
				this.candidates.drop();
			}
			return true;
		}
		catch (Throwable ex) {
			this.backlog = true;
			this.outage.begin(ex);
			return false;
		}
	}

	private void look(Running running, boolean suspects) {
		// Those that are known but not yet picked are found again
		int limit = 2 * CANDIDATES * this.settings.threads();
		List<StoredJob> due = running.store().findDue(this.definitions.names(), suspects, limit);
		for (StoredJob job : due) {
			if (this.candidates.isFull()) {
				this.backlog = true;
				break;
			}
			this.candidates.add(job);
		}
		if (due.size() == limit) {
			this.backlog = true;
		}
	}

	/**
	 * Return jobs that were picked without this engine knowing it, because the answer of
	 * the store was lost.
	 * @return whether the store works
	 */
	private boolean handOverUnknown() {
		Running running = this.running;
		if (running == null) {
			return false;
		}
		// Before the look, which may miss a pick that fails meanwhile
		this.unsure = false;
		try {
			for (StoredJob job : running.store().findPicked(running.name())) {
				if (!this.candidates.isKnown(job)) {
					handOverUnknown(job, running);
				}
			}
		}
		catch (Throwable ex) {
			this.unsure = true;
			this.outage.begin(ex);
		}
		return !this.unsure;
	}

	private void handOverUnknown(StoredJob job, Running running) {
		try {
			running.store().handOver(job);
			this.refusals.end(job.id());
			moreIsQueued();
		}
		catch (RuntimeException | Error ex) {
			refused(job, ex);
		}
	}

	/**
	 * The store did not take a statement about one job, or failed as a whole. The job may
	 * be picked nevertheless.
	 * @param job the job
	 * @param failure the reason
	 */
	private void refused(StoredJob job, Throwable failure) {
		this.unsure = true;
		if (!this.outage.isOfStore(failure)) {
			this.refusals.add(job.id(),
					"Durable job '%s %s' cannot be picked or handed over".formatted(job.name(), job.id()), failure);
		}
	}

	private void dispatch() {
		Running running = this.running;
		if (running == null) {
			return;
		}
		while (isPicking() && !this.candidates.isEmpty() && this.slots.tryAcquire()) {
			StoredJob job = this.candidates.poll();
			if (job == null) {
				this.slots.release();
			}
			else if (!execute(running, job, () -> running.runner().run(job))) {
				this.candidates.forget(job);
				this.slots.release();
				return;
			}
		}
	}

	private boolean execute(Running running, StoredJob job, BooleanSupplier run) {
		try {
			running.workers().execute(() -> work(job, run));
			return true;
		}
		catch (RuntimeException | Error ex) {
			logger.warn("There is no thread for a durable job, which is picked later", ex);
			return false;
		}
	}

	// The next job need not wait until the end of this one is written
	private void work(StoredJob job, BooleanSupplier run) {
		try {
			if (!run.getAsBoolean()) {
				done(job);
			}
			this.refusals.end(job.id());
		}
		catch (RuntimeException | Error ex) {
			// Unknown before the look for it. No look at once, which would find it again
			this.candidates.forget(job);
			refused(job, ex);
		}
		finally {
			release();
		}
	}

	private void release() {
		this.slots.release();
		dispatch();
	}

	private void done(DurableRun run, WorkState outcome) {
		if (run.isAdmitted()) {
			run.end(outcome);
		}
		done(run.getJob());
		if (outcome == WorkState.HANDED_OVER) {
			moreIsQueued();
		}
		if (this.outage.isBegun()) {
			wake();
		}
	}

	private void done(StoredJob job) {
		this.candidates.forget(job);
		if (job.isSuspect()) {
			wake();
		}
		wakeIfBacklog();
	}

	/**
	 * Ends after the drain, so no job runs here any more, unless it was abandoned.
	 */
	@Override
	public synchronized void destroy() {
		this.closed = true;
		Running running = this.running;
		Storage storage = this.storage;
		if (running != null) {
			boolean written = running.completions().close();
			this.ending = true;
			wake();
			running.instance().close(isPolled(running) && written && this.nothingLeft);
		}
		if (storage != null) {
			storage.close();
		}
		logger.debug("Durable jobs are closed");
	}

	/**
	 * Wait for the last look of the poller. Without a database that would take too long.
	 * @param running the parts of this engine
	 * @return whether it has ended
	 */
	private static boolean isPolled(Running running) {
		try {
			running.poller().join(CLOSE_MILLIS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return !running.poller().isAlive();
	}

	boolean isFull() {
		return this.candidates.isFull();
	}

	private boolean isNothingRunning() {
		this.candidates.drop();
		return this.candidates.isNoneKnown();
	}

	/**
	 * Parts that exist once the application is ready.
	 *
	 * @param storage where the jobs are kept
	 * @param instance knows whether this instance may run jobs
	 * @param completions writes the ends of runs
	 * @param runner picks and runs a job
	 * @param workers the threads of the runs
	 * @param poller looks for jobs
	 */
	private record Running(Storage storage, Instance instance, Completions completions, JobRunner runner,
			Executor workers, Thread poller) {

		JobStore store() {
			return this.storage.store();
		}

		String name() {
			return this.storage.instance();
		}

	}

}
