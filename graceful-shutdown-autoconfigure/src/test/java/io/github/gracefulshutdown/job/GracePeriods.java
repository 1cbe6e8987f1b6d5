package io.github.gracefulshutdown.job;

/**
 * Properties for drains that do not end by themselves. What a test has to wait for is
 * short, and what only a busy machine needs is long.
 *
 * @author The Graceful Shutdown authors
 */
public final class GracePeriods {

	private static final String GRACE_PERIOD = "graceful-shutdown.grace-period=";

	private static final String RESERVE = "graceful-shutdown.reserve=";

	private static final String CANCEL_BEFORE_DEADLINE = "graceful-shutdown.cancel-before-deadline=";

	private GracePeriods() {
	}

	/**
	 * Work is interrupted after half a second, and then has plenty of time to end.
	 * @return the properties
	 */
	public static String[] cancelledSoon() {
		return new String[] { GRACE_PERIOD + "30s", RESERVE + "1s", CANCEL_BEFORE_DEADLINE + "28500ms" };
	}

	/**
	 * Work is interrupted after 300 ms and abandoned after 500. There is time to name it,
	 * but not much: whatever it blocks is closed after half of that time.
	 * @return the properties
	 */
	public static String[] abandonedSoon() {
		return new String[] { GRACE_PERIOD + "5s", RESERVE + "4500ms", CANCEL_BEFORE_DEADLINE + "200ms" };
	}

	/**
	 * Work is interrupted at once and abandoned after two seconds. There is time to name
	 * it, as above.
	 * @return the properties
	 */
	public static String[] cancelledAndLaterAbandoned() {
		return new String[] { GRACE_PERIOD + "6s", RESERVE + "4s", CANCEL_BEFORE_DEADLINE + "2s" };
	}

}
