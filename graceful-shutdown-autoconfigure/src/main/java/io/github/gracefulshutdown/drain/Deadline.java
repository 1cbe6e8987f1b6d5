package io.github.gracefulshutdown.drain;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * An instant on a monotonic clock at which a wait ends. Immutable and thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class Deadline {

	private final LongSupplier clock;

	private final long nanos;

	private Deadline(LongSupplier clock, long nanos) {
		this.clock = clock;
		this.nanos = nanos;
	}

	/**
	 * Return the instant that is {@code duration} from now.
	 * @param duration the time from now, may be zero or negative
	 * @param clock the monotonic clock, in nanoseconds, with an arbitrary origin
	 * @return the deadline
	 */
	static Deadline in(Duration duration, LongSupplier clock) {
		return at(clock.getAsLong(), clock).plus(duration);
	}

	static Deadline at(long nanos, LongSupplier clock) {
		return new Deadline(clock, nanos);
	}

	Deadline plus(Duration duration) {
		return new Deadline(this.clock, this.nanos + duration.toNanos());
	}

	Deadline minus(Duration duration) {
		return plus(duration.negated());
	}

	Deadline earlierOf(Deadline other) {
		return (other.nanos - this.nanos < 0) ? other : this;
	}

	Deadline laterOf(Deadline other) {
		return (other.nanos - this.nanos > 0) ? other : this;
	}

	/**
	 * Return whether the instant has passed.
	 * @return whether no time remains
	 */
	boolean isPast() {
		return remainingNanos() <= 0;
	}

	/**
	 * Return the time that is left.
	 * @return the remaining time, negative once the deadline has passed
	 */
	Duration remaining() {
		return Duration.ofNanos(remainingNanos());
	}

	long nanos() {
		return this.nanos;
	}

	long remainingNanos() {
		return this.nanos - this.clock.getAsLong();
	}

	@Override
	public String toString() {
		return "Deadline in " + remaining();
	}

}
