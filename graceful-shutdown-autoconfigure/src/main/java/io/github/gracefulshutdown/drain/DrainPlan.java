package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How the time that the platform gives is divided. Immutable; the values have been
 * checked against each other before they come here.
 *
 * @param gracePeriod the time between the signal and the platform's kill
 * @param reserve the end of the grace period, kept for closing beans and the JVM
 * @param delay how long the application serves on after the signal
 * @param cancelBeforeDeadline how long before the deadline unfinished work is interrupted
 * @param progressInterval the time between two progress lines in the log
 * @param source where the grace period comes from, for the log
 * @author The Graceful Shutdown authors
 */
public record DrainPlan(Duration gracePeriod, Duration reserve, Duration delay, Duration cancelBeforeDeadline,
		Duration progressInterval, String source) {

	public DrainPlan(Duration gracePeriod, Duration reserve, Duration delay, Duration cancelBeforeDeadline,
			Duration progressInterval) {
		this(gracePeriod, reserve, delay, cancelBeforeDeadline, progressInterval, "set by the application");
	}

	/**
	 * Describe the grace period, for the log.
	 * @return its length and source
	 */
	public String describe() {
		return "Grace period %s (%s)".formatted(Format.seconds(this.gracePeriod), this.source);
	}

	Timetable startingAt(long signalNanos, LongSupplier clock) {
		Deadline signal = Deadline.at(signalNanos, clock);
		Deadline kill = signal.plus(this.gracePeriod);
		Deadline deadline = kill.minus(this.reserve);
		return new Timetable(signal, signal.plus(this.delay).earlierOf(deadline),
				deadline.minus(this.cancelBeforeDeadline), deadline, kill.minus(this.reserve.dividedBy(4)), kill);
	}

	/**
	 * The instants of one shutdown.
	 *
	 * @param signal when the signal came
	 * @param lameDuckEnd when the application stops accepting
	 * @param cancelAt when unfinished work is interrupted
	 * @param deadline when unfinished work is abandoned
	 * @param lastCall when whatever still holds up the closing of the context is
	 * interrupted
	 * @param kill when the platform kills the process
	 */
	record Timetable(Deadline signal, Deadline lameDuckEnd, Deadline cancelAt, Deadline deadline, Deadline lastCall,
			Deadline kill) {

		/**
		 * Return these instants, each of them no later than that of the parent context.
		 * @param parent the instants of the parent's shutdown
		 * @return the instants
		 */
		Timetable within(Timetable parent) {
			return new Timetable(this.signal, this.lameDuckEnd.earlierOf(parent.deadline),
					this.cancelAt.earlierOf(parent.cancelAt), this.deadline.earlierOf(parent.deadline),
					this.lastCall.earlierOf(parent.lastCall), this.kill.earlierOf(parent.kill));
		}

		/**
		 * Return how long one step of closing the context may take. Before the deadline
		 * it is all the time up to the deadline. After it, each step gets half of the
		 * remaining time, so some is left for the next step even if many of them hang.
		 * @return the time, never negative
		 */
		Duration closingBudget() {
			long budget = Math.max(this.deadline.remainingNanos(), this.lastCall.remainingNanos() / 2);
			return Duration.ofNanos(Math.max(0, budget));
		}

	}

}
