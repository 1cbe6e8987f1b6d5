package io.github.gracefulshutdown.durable;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.job.CurrentJob;
import io.github.gracefulshutdown.job.JobObservations;
import io.micrometer.observation.ObservationRegistry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationListener;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * Picks durable jobs from the store and runs them in this process. Has no thread and no
 * connection if the application has no durable job. Thread-safe.
 * <p>
 * A job that was stored here is offered to a free worker at once. All others are found by
 * looking. Jobs that this instance leaves to others are announced to them, so that they
 * look at once. A job that only waits for a thread is not: each commit of an announcement
 * takes a lock in PostgreSQL, and the others look soon. Candidates are not locked until a
 * worker picks them. Workers do not use the store once they have begun a job, because
 * their threads may be interrupted.
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

	private final DurableJobDefinitions definitions;

	private final JobJson json;

	private final DurableWorkload workload;

	private final DurableSettings settings;

	private final Supplier<Opened> opener;

	private final DurableObservations observations;

	private final DurableStatistics statistics;

	private final Semaphore slots;

	private final Queue<StoredJob> candidates = new ConcurrentLinkedQueue<>();

	/**
	 * The identifiers of candidates, and of jobs that run here or whose end is not yet
	 * written.
	 */
	private final Set<String> known = ConcurrentHashMap.newKeySet();

	/**
	 * A suspect runs beside no other suspect: otherwise those that only ran beside the
	 * job that ends processes would become dead letters with it.
	 */
	private final Semaphore suspects = new Semaphore(1);

	private final Semaphore wake = new Semaphore(0);

	private final Outage outage = new Outage();

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

	private @Nullable Opened opened;

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
		this.observations = new DurableObservations(observations, this.json);
		this.statistics = new DurableStatistics(this.definitions, this::count, System::nanoTime);
		this.opener = () -> Opened.open(dataSource, file, settings, this.definitions);
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (!this.definitions.isEmpty()) {
			opened();
		}
	}

	private synchronized Opened opened() {
		Opened opened = this.opened;
		if (opened == null) {
			opened = this.opener.get();
			this.opened = opened;
		}
		return opened;
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
		Opened opened = opened();
		Completions completions = new Completions(opened.store(), this.outage, this::done);
		Instance instance = new Instance(opened.lock(), opened.store(), this.workload::cancel, this::wake,
				this::takenOver, this::isPicking);
		instance.start();
		// One thread for each job: a thread that is interrupted too late does no other
		// job. Not a bean: the drain counts the jobs and not their tasks
		SimpleAsyncTaskExecutor workers = new SimpleAsyncTaskExecutor("durable-");
		workers.setVirtualThreads(this.settings.virtual());
		workers.setDaemon(true);
		Thread poller = DaemonThreads.create("durable-poller", this::poll);
		this.running = new Running(opened.store(), opened.instance(), opened.lock(), instance, completions,
				new JobProgress(opened.store(), this.json), workers, poller);
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
			dropCandidates();
			moreIsQueued();
		}
	}

	private void dropCandidates() {
		StoredJob dropped = this.candidates.poll();
		while (dropped != null) {
			forget(dropped);
			dropped = this.candidates.poll();
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
		JobStore store = opened().store();
		// A job that is being cancelled may still store another one
		return this.observations.observe(name,
				(trace) -> Uninterrupted.call(() -> store.insert(name, key, payload, trace, this::offer)));
	}

	Optional<DurableJobInfo> find(JobId id) {
		return ask(Optional.empty(), (store) -> store.find(id));
	}

	List<DurableJobInfo> list(DurableJobState state, int limit) {
		return ask(List.of(), (store) -> store.list(state, limit));
	}

	boolean retry(JobId id) {
		return ask(false, (store) -> store.requeue(id, this::wake));
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
		return !this.definitions.isEmpty() ? opened().instance() : null;
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
		JobStore store = opened().store();
		return Uninterrupted.call(() -> question.apply(store));
	}

	private void offer(StoredJob job) {
		if (!isPicking()) {
			moreIsQueued();
			return;
		}
		// Jobs that have to be looked for are older, and must not wait for ever
		if (!this.backlog && this.known.size() < CANDIDATES * this.settings.threads() && this.known.add(job.id())) {
			this.candidates.add(job);
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
		while (!this.closed) {
			if (isPicking()) {
				fetch();
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
			running.lock().announce();
			return true;
		}
		catch (RuntimeException ex) {
			// They look, too
			this.unannounced.set(true);
			logger.debug("Queued jobs cannot be announced", ex);
			return false;
		}
	}

	private void fetch() {
		Running running = this.running;
		int limit = CANDIDATES * this.settings.threads();
		if (running == null || this.known.size() >= limit) {
			return;
		}
		try {
			this.backlog = false;
			// Those that are known but not yet picked are found again
			List<StoredJob> due = running.store()
				.findDue(this.definitions.names(), this.suspects.availablePermits() > 0, 2 * limit);
			for (StoredJob job : due) {
				if (this.known.size() >= limit) {
					this.backlog = true;
					break;
				}
				if (know(job)) {
					this.candidates.add(job);
				}
			}
			if (due.size() == 2 * limit) {
				this.backlog = true;
			}
			this.outage.end();
			if (this.unsure && handOverUnknown(running)) {
				this.unsure = false;
			}
			dispatch();
			if (!isPicking()) {
				dropCandidates();
			}
		}
		catch (Throwable ex) {
			this.outage.begin(ex);
		}
	}

	/**
	 * Return jobs that were picked without this engine knowing it, because the answer of
	 * the store was lost.
	 * @param running the parts of this engine
	 * @return whether the store works
	 */
	private boolean handOverUnknown(Running running) {
		try {
			for (StoredJob job : running.store().findPicked(running.name())) {
				if (!this.known.contains(job.id())) {
					running.store().handOver(job);
					moreIsQueued();
				}
			}
			return true;
		}
		catch (RuntimeException ex) {
			this.outage.begin(ex);
			return false;
		}
	}

	private void dispatch() {
		Running running = this.running;
		if (running == null) {
			return;
		}
		while (isPicking() && !this.candidates.isEmpty() && this.slots.tryAcquire()) {
			StoredJob job = this.candidates.poll();
			if (job != null) {
				try {
					running.workers().execute(() -> work(job, running));
				}
				catch (RuntimeException | Error ex) {
					logger.warn("There is no thread for a durable job, which is picked later", ex);
					forget(job);
					this.slots.release();
					return;
				}
			}
			else {
				this.slots.release();
			}
		}
	}

	// The next job need not wait until the end of this one is written
	private void work(StoredJob candidate, Running running) {
		try {
			pickAndRun(candidate, running);
		}
		finally {
			this.slots.release();
			dispatch();
		}
	}

	// A worker never uses the store after it has begun the job
	private void pickAndRun(StoredJob candidate, Running running) {
		DurableRun run = null;
		Thread.interrupted();
		if (this.workload.beginPick()) {
			try {
				run = pick(candidate, running);
			}
			catch (RuntimeException | Error ex) {
				this.unsure = true;
				this.outage.begin(ex);
			}
			finally {
				this.workload.endPick();
			}
		}
		if (run == null) {
			done(candidate);
		}
		else if (run.isBegun()) {
			run(run, running);
		}
		else {
			running.completions().add(run, Completions.Outcome.HANDED_OVER);
		}
	}

	/**
	 * Pick a job and begin its run.
	 * @param candidate the job
	 * @param running the parts of this engine
	 * @return the run, or {@code null} if another instance has the job
	 */
	private @Nullable DurableRun pick(StoredJob candidate, Running running) {
		DurableJobDefinition definition = this.definitions.find(candidate.name());
		StoredJob job = (definition != null) ? running.store().pick(candidate, running.name()) : null;
		if (definition == null || job == null) {
			return null;
		}
		DurableRun run = new DurableRun(this.workload, definition, job, running.progress());
		run.setBegun(this.workload.begin(run, running.instance()::isSafe));
		return run;
	}

	private void run(DurableRun run, Running running) {
		this.statistics.begun(run);
		Completions.Outcome outcome;
		CurrentJob.set(run);
		try (JobObservations.Scope scope = this.observations.open(run)) {
			outcome = run(run);
		}
		finally {
			CurrentJob.set(null);
			// From here on, the drain does not interrupt this thread
			run.detach();
			Thread.interrupted();
		}
		run.returned(outcome);
		running.completions().add(run, outcome);
	}

	private Completions.Outcome run(DurableRun run) {
		DurableJobDefinition definition = run.getDefinition();
		@Nullable Object[] arguments;
		try {
			arguments = this.json.read(definition, run.getJob().payload());
		}
		catch (JacksonException ex) {
			return Completions.Outcome.unreadable(ex);
		}
		catch (Throwable ex) {
			return Completions.Outcome.failed(ex);
		}
		try {
			definition.run(arguments);
			return Completions.Outcome.COMPLETED;
		}
		catch (Throwable ex) {
			return run.isCancelled() ? Completions.Outcome.HANDED_OVER : Completions.Outcome.failed(ex);
		}
	}

	private void done(DurableRun run, WorkState outcome) {
		if (run.isAdmitted()) {
			run.end(outcome);
		}
		done(run.getJob());
		if (outcome == WorkState.HANDED_OVER) {
			moreIsQueued();
		}
	}

	private void done(StoredJob job) {
		forget(job);
		if (job.isSuspect()) {
			wake();
		}
		wakeIfBacklog();
	}

	private boolean know(StoredJob job) {
		if (!this.known.add(job.id())) {
			return false;
		}
		if (job.isSuspect() && !this.suspects.tryAcquire()) {
			this.known.remove(job.id());
			return false;
		}
		return true;
	}

	private void forget(StoredJob job) {
		this.known.remove(job.id());
		if (job.isSuspect()) {
			this.suspects.release();
		}
	}

	/**
	 * Ends after the drain, so no job runs here any more, unless it was abandoned.
	 */
	@Override
	public synchronized void destroy() {
		this.closed = true;
		wake();
		Running running = this.running;
		Opened opened = this.opened;
		if (running != null) {
			boolean written = running.completions().close();
			boolean forget = written && isNothingRunning() && handOverUnknown(running);
			if (written && isPolled(running)) {
				announce();
			}
			running.instance().close(forget);
		}
		if (opened != null) {
			opened.close();
		}
		logger.debug("Durable jobs are closed");
	}

	/**
	 * Wait until the poller has told the other instances.
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

	private boolean isNothingRunning() {
		dropCandidates();
		return this.known.isEmpty();
	}

	/**
	 * Parts that exist once the application is ready.
	 *
	 * @param store the store
	 * @param name the name of this instance
	 * @param lock tells the other instances
	 * @param instance knows whether this instance may run jobs
	 * @param completions writes the ends of runs
	 * @param progress the progress of jobs
	 * @param workers runs the jobs
	 * @param poller looks for jobs
	 */
	private record Running(JobStore store, String name, InstanceLock lock, Instance instance, Completions completions,
			JobProgress progress, Executor workers, Thread poller) {

	}

	/**
	 * The store, once it has been opened.
	 *
	 * @param database the kind of database
	 * @param store the store
	 * @param instance the name of this instance
	 * @param lock its lock
	 * @param toClose the database, if it is our own
	 */
	private record Opened(Database database, JobStore store, String instance, InstanceLock lock,
			@Nullable AutoCloseable toClose) {

		static Opened open(Supplier<? extends @Nullable DataSource> dataSources,
				Supplier<? extends @Nullable Path> files, DurableSettings settings, DurableJobDefinitions definitions) {
			Path file = files.get();
			if (file != null) {
				var own = EmbeddedStore.open(file);
				try {
					return open(own, settings, own);
				}
				catch (RuntimeException ex) {
					own.close();
					throw ex;
				}
			}
			DataSource dataSource = dataSources.get();
			if (dataSource == null) {
				throw new IllegalStateException("No database for durable jobs");
			}
			Opened opened = open(withoutProxy(dataSource), settings, null);
			if (!opened.database().isEmbedded()) {
				PoolSize.check(dataSource, settings.threads(), definitions.getTransactional());
			}
			return opened;
		}

		// Its transactions are bound to its target, and are not ours to commit
		private static DataSource withoutProxy(DataSource dataSource) {
			DataSource target = (dataSource instanceof TransactionAwareDataSourceProxy proxy)
					? proxy.getTargetDataSource() : null;
			return (target != null) ? withoutProxy(target) : dataSource;
		}

		private static Opened open(DataSource dataSource, DurableSettings settings, @Nullable AutoCloseable toClose) {
			Database.Connected connected = Database.connect(dataSource);
			Database database = connected.database();
			if (database.isEmbedded() ? !settings.neverCreateTables() : settings.createTables()) {
				DurableSchema.create(dataSource, database);
			}
			DurableSchema.check(dataSource, database);
			String instance = Instance.newName();
			InstanceLock lock = switch (database) {
				case POSTGRESQL -> new PostgreSqlInstanceLock(instance, dataSource);
				case MARIADB -> new MariaDbInstanceLock(instance, dataSource);
				case SQLITE, H2 ->
					new LocalInstanceLock(instance, connected.file(), new CommittingJdbcTemplate(dataSource));
			};
			return new Opened(database, new JdbcJobStore(dataSource, database), instance, lock, toClose);
		}

		void close() {
			AutoCloseable toClose = this.toClose;
			if (toClose != null) {
				try {
					toClose.close();
				}
				catch (Exception ex) {
					logger.debug("The store of durable jobs did not close", ex);
				}
			}
		}

	}

}
