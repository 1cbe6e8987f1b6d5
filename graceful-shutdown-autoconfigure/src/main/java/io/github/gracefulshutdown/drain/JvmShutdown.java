package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

import io.github.gracefulshutdown.drain.Signals.Taken;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The shutdown of the JVM, which all application contexts share. Thread-safe.
 * <p>
 * The JVM starts all its hooks at once. A library that closes itself by a hook would
 * close under the work in flight. So the handlers of SIGTERM and SIGINT close the
 * contexts first, each tree of contexts on a thread of its own, and then let the JVM
 * handle the signal: it runs the hooks, and the exit code stays 143 or 130. On all other
 * ways out, such as {@code System.exit}, Spring Boot's hook closes the contexts, and this
 * class only notes when the JVM began to shut down.
 *
 * @author The Graceful Shutdown authors
 */
final class JvmShutdown {

	/**
	 * The one of this JVM.
	 */
	static final JvmShutdown INSTANCE = new JvmShutdown(new JdkSignals(), System::nanoTime,
			(status) -> Runtime.getRuntime().halt(status));

	private static final Log logger = LogFactory.getLog(JvmShutdown.class);

	private static final String INTERRUPT = "INT";

	private static final int INTERRUPT_STATUS = 130;

	/**
	 * A wrapper script and the terminal may both deliver one Ctrl-C.
	 */
	private static final long SAME_INTERRUPT_NANOS = Duration.ofMillis(300).toNanos();

	private static final long LAST_WORDS_MILLIS = 1000;

	/**
	 * Removing it has no effect, unless the JVM is shutting down: then it is refused.
	 */
	private static final Thread UNREGISTERED = new Thread("drain-unregistered");

	private final Signals signals;

	private final LongSupplier clock;

	private final IntConsumer halt;

	private final Thread hook = new Thread(this::note, "drain-jvm-hook");

	private final Set<ShutdownParticipant> participants = Collections.newSetFromMap(new IdentityHashMap<>());

	private final Map<String, Taken> taken = new LinkedHashMap<>();

	private volatile @Nullable Long nanos;

	private volatile @Nullable Stop stop;

	private @Nullable Long interrupted;

	JvmShutdown(Signals signals, LongSupplier clock, IntConsumer halt) {
		this.signals = signals;
		this.clock = clock;
		this.halt = halt;
	}

	/**
	 * Take part from now on.
	 * @param participant the participant
	 */
	synchronized void join(ShutdownParticipant participant) {
		if (this.participants.isEmpty()) {
			unlessShuttingDown(() -> Runtime.getRuntime().addShutdownHook(this.hook));
		}
		this.participants.add(participant);
		if (participant.settings().beforeJvmHooks() && this.taken.isEmpty() && !isInProgress()) {
			take("TERM");
			take(INTERRUPT);
		}
	}

	private void take(String name) {
		AtomicReference<@Nullable Taken> holder = new AtomicReference<>();
		Taken taken = this.signals.take(name, () -> received(name, holder));
		if (taken != null) {
			holder.set(taken);
			this.taken.put(name, taken);
		}
	}

	/**
	 * Take part no longer. When nobody needs the signals any more, they are returned to
	 * the JVM, so that no class loader is kept.
	 * @param participant the participant
	 */
	synchronized void leave(ShutdownParticipant participant) {
		this.participants.remove(participant);
		if (isInProgress()) {
			return;
		}
		if (this.participants.stream().noneMatch((other) -> other.settings().beforeJvmHooks())) {
			this.taken.values().forEach(Taken::giveBack);
			this.taken.clear();
		}
		if (this.participants.isEmpty()) {
			unlessShuttingDown(() -> Runtime.getRuntime().removeShutdownHook(this.hook));
		}
	}

	/**
	 * Return whether an application runs, or is about to.
	 * @return whether somebody takes part
	 */
	synchronized boolean isInUse() {
		return !this.participants.isEmpty();
	}

	// The holder is filled while the lock is held
	private void received(String name, AtomicReference<@Nullable Taken> holder) {
		long now = this.clock.getAsLong();
		Stop begun = null;
		Stop again = null;
		synchronized (this) {
			Taken taken = holder.get();
			if (this.stop == null && taken != null) {
				begun = new Stop(new DrainSignal("SIG" + name, now), taken, List.copyOf(this.participants));
				this.stop = begun;
			}
			if (name.equals(INTERRUPT)) {
				again = isSecondInterrupt(now) ? this.stop : null;
			}
		}
		if (begun != null) {
			begun.start();
		}
		if (again != null && again.isForced()) {
			halt(again.participants());
		}
	}

	private boolean isSecondInterrupt(long now) {
		Long interrupted = this.interrupted;
		if (interrupted == null) {
			this.interrupted = now;
			return false;
		}
		return now - interrupted > SAME_INTERRUPT_NANOS;
	}

	private void halt(List<ShutdownParticipant> participants) {
		Thread words = DrainThreads.create("last-words", () -> {
			logger.warn("A second SIGINT halts the JVM");
			BestEffort.forEach(logger, participants, (participant) -> "the report of lost work",
					ShutdownParticipant::logLost);
		});
		words.start();
		join(words, TimeUnit.MILLISECONDS.toNanos(LAST_WORDS_MILLIS));
		this.halt.accept(INTERRUPT_STATUS);
	}

	private static void join(Thread thread, long nanos) {
		try {
			TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void note() {
		this.nanos = this.clock.getAsLong();
	}

	/**
	 * Change the hooks of the JVM, unless it is shutting down.
	 * @param change the change
	 * @return whether it was made
	 */
	static boolean unlessShuttingDown(Runnable change) {
		try {
			change.run();
			return true;
		}
		catch (IllegalStateException ex) {
			return false;
		}
	}

	/**
	 * Return whether the JVM is going to exit: because of a signal, or because it shuts
	 * down.
	 * @return whether the JVM is going to exit
	 */
	boolean isInProgress() {
		return this.stop != null || isRunningHooks();
	}

	/**
	 * Return whether the JVM is shutting down. Hooks run in parallel, so another one may
	 * close the context before the hook of this class has run.
	 * @return whether the hooks of the JVM have been started
	 */
	boolean isRunningHooks() {
		return this.nanos != null || areHooksStarted();
	}

	/**
	 * Return whether the hooks of the JVM have been started.
	 * @return whether the JVM is shutting down
	 */
	static boolean areHooksStarted() {
		return !unlessShuttingDown(() -> Runtime.getRuntime().removeShutdownHook(UNREGISTERED));
	}

	/**
	 * Return the signal behind the closing of a context. For the thread that closes it.
	 * @return the signal
	 */
	DrainSignal signal() {
		Stop stop = this.stop;
		if (stop != null) {
			return stop.signal();
		}
		Long nanos = this.nanos;
		long signalNanos = (nanos != null) ? nanos : this.clock.getAsLong();
		return isRunningHooks() ? new DrainSignal(causeOfHooks(), signalNanos)
				: DrainSignal.contextClosed(signalNanos, Thread.currentThread().getStackTrace());
	}

	private synchronized String causeOfHooks() {
		return this.taken.isEmpty() ? "SIGTERM, SIGINT or exit of the JVM" : "exit of the JVM";
	}

	/**
	 * Close a context as a signal does, without ending the JVM, to load the classes that
	 * a signal needs.
	 * @param context the context
	 * @param patience how long to wait
	 */
	static void rehearse(ConfigurableApplicationContext context, Duration patience) {
		ShutdownParticipant participant = new ShutdownParticipant() {

			@Override
			public SignalSettings settings() {
				return SignalSettings.NONE;
			}

			@Override
			public ConfigurableApplicationContext context() {
				return context;
			}

			@Override
			public long remainingNanos(DrainSignal signal) {
				return patience.toNanos();
			}

		};
		new Stop(new DrainSignal("rehearsal", 0), new Taken() {

			@Override
			public void handOn() {
			}

			@Override
			public void giveBack() {
			}

		}, List.of(participant)).run();
	}

	/**
	 * Closes the contexts, and then lets the JVM handle the signal. Its threads are not
	 * daemon threads: the JVM must not exit in the middle because the last other thread
	 * has ended.
	 */
	private record Stop(DrainSignal signal, Taken taken, List<ShutdownParticipant> participants) {

		boolean isForced() {
			return this.participants.stream()
				.allMatch((participant) -> participant.settings().forceOnSecondInterrupt());
		}

		void start() {
			try {
				start("signal", this::run);
			}
			catch (Throwable ex) {
				this.taken.handOn();
			}
		}

		private static Thread start(String name, Runnable code) {
			Thread thread = DrainThreads.create(name, code);
			thread.setDaemon(false);
			thread.start();
			return thread;
		}

		private void run() {
			try {
				List<Thread> threads = new ArrayList<>();
				trees().forEach((tree) -> threads.add(start("close", () -> close(tree))));
				threads.forEach((thread) -> join(thread, remainingNanos()));
			}
			catch (Throwable ex) {
				logger.error("The JVM goes on to exit without the drain", ex);
			}
			finally {
				this.taken.handOn();
			}
		}

		// A parent first: its drain drains its children
		private Iterable<List<ShutdownParticipant>> trees() {
			Map<ApplicationContext, List<ShutdownParticipant>> trees = new IdentityHashMap<>();
			for (ShutdownParticipant participant : this.participants) {
				ApplicationContext context = participant.context();
				if (context != null) {
					trees.computeIfAbsent(root(context), (root) -> new ArrayList<>()).add(participant);
				}
			}
			trees.values()
				.forEach((tree) -> tree.sort(Comparator.comparingInt((participant) -> depth(participant.context()))));
			return trees.values();
		}

		private static ApplicationContext root(ApplicationContext context) {
			ApplicationContext parent = context.getParent();
			return (parent != null) ? root(parent) : context;
		}

		private static int depth(@Nullable ApplicationContext context) {
			return (context != null) ? 1 + depth(context.getParent()) : 0;
		}

		private static void close(List<ShutdownParticipant> tree) {
			BestEffort.forEach(logger, tree, (participant) -> "the closing of an application context",
					(participant) -> {
						ConfigurableApplicationContext context = participant.context();
						if (context != null) {
							context.close();
							participant.closed();
						}
					});
		}

		private long remainingNanos() {
			return this.participants.stream()
				.mapToLong((participant) -> participant.remainingNanos(this.signal))
				.max()
				.orElse(0);
		}

	}

}
