package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import io.github.gracefulshutdown.drain.DrainPlan;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.env.Environment;

/**
 * Creates the plan of the drain from the properties. Rejects values that leave no time to
 * drain.
 *
 * @author The Graceful Shutdown authors
 */
final class DrainPlanFactory {

	private static final String PREFIX = "graceful-shutdown.";

	private static final List<String> DURATIONS = List.of("grace-period", "reserve", "delay", "cancel-before-deadline",
			"progress-interval", "connector.linger");

	private static final Pattern NUMBER_BELOW_A_SECOND = Pattern.compile("[1-9]\\d{0,2}");

	private static final Duration MOST_BY_DEFAULT = Duration.ofSeconds(2);

	private static final Duration LEAST_INTERVAL = Duration.ofMillis(100);

	/**
	 * Far below the range of a monotonic clock in nanoseconds.
	 */
	private static final Duration LONGEST = Duration.ofDays(365);

	private final GracefulShutdownProperties properties;

	private final Environment environment;

	DrainPlanFactory(GracefulShutdownProperties properties, Environment environment) {
		this.properties = properties;
		this.environment = environment;
	}

	/**
	 * Create a factory without the bean of the properties.
	 * @param environment the environment that has the properties
	 * @return the factory
	 */
	static DrainPlanFactory of(Environment environment) {
		return new DrainPlanFactory(
				Binder.get(environment).bindOrCreate("graceful-shutdown", GracefulShutdownProperties.class),
				environment);
	}

	DrainPlan create() {
		DURATIONS.forEach(this::checkUnit);
		Duration configured = this.properties.getGracePeriod();
		GracePeriod named = (configured != null) ? GracePeriod.configured(configured)
				: GracePeriod.of(this.environment);
		Duration gracePeriod = named.duration();
		between("grace-period", gracePeriod, LEAST_INTERVAL);
		Duration share = min(MOST_BY_DEFAULT, gracePeriod.dividedBy(5));
		Duration reserve = orDefault(this.properties.getReserve(), share);
		atLeast("reserve", reserve, Duration.ZERO);
		less("reserve", reserve, gracePeriod, "the grace period");
		Duration delay = this.properties.getDelay();
		atLeast("delay", delay, Duration.ZERO);
		Duration usable = gracePeriod.minus(reserve);
		less("delay", delay, usable, "the grace period less the reserve");
		Duration cancel = orDefault(this.properties.getCancelBeforeDeadline(), min(share, usable.minus(delay)));
		atLeast("cancel-before-deadline", cancel, Duration.ZERO);
		atMost("cancel-before-deadline", cancel, usable.minus(delay),
				"the grace period less the reserve and the delay");
		between("progress-interval", this.properties.getProgressInterval(), LEAST_INTERVAL);
		between("connector.linger", this.properties.getConnector().getLinger(), Duration.ZERO);
		between("streams.quiet", this.properties.getStreams().getQuiet(), Duration.ZERO);
		return new DrainPlan(gracePeriod, reserve, delay, cancel, this.properties.getProgressInterval(),
				named.source());
	}

	/**
	 * A number without a unit is in milliseconds. If that is less than a second, the unit
	 * has most likely been forgotten.
	 * @param name the name of the property
	 */
	private void checkUnit(String name) {
		String value = Binder.get(this.environment).bind(PREFIX + name, String.class).orElse("");
		if (NUMBER_BELOW_A_SECOND.matcher(value).matches()) {
			throw new InvalidConfigurationPropertyValueException(PREFIX + name, value,
					"It has no unit, so it is %sms. Write '%ss' for seconds, or '%sms'.".formatted(value, value,
							value));
		}
	}

	private static Duration orDefault(@Nullable Duration configured, Duration byDefault) {
		return (configured != null) ? configured : byDefault;
	}

	private static Duration min(Duration a, Duration b) {
		return (a.compareTo(b) < 0) ? a : b;
	}

	private static void between(String name, Duration value, Duration least) {
		atLeast(name, value, least);
		check(value.compareTo(LONGEST) <= 0, name, value, "It must be at most %s.".formatted(print(LONGEST)));
	}

	private static void atLeast(String name, Duration value, Duration bound) {
		check(value.compareTo(bound) >= 0, name, value, "It must be at least %s.".formatted(print(bound)));
	}

	private static void atMost(String name, Duration value, Duration bound, String what) {
		check(value.compareTo(bound) <= 0, name, value, "It must be at most %s (%s).".formatted(print(bound), what));
	}

	private static void less(String name, Duration value, Duration bound, String what) {
		check(value.compareTo(bound) < 0, name, value,
				"It must be less than %s (%s), or no time is left to drain.".formatted(print(bound), what));
	}

	private static void check(boolean valid, String name, Duration value, String reason) {
		if (!valid) {
			throw new InvalidConfigurationPropertyValueException(PREFIX + name, print(value), reason);
		}
	}

	private static String print(Duration duration) {
		return DurationStyle.SIMPLE.print(duration);
	}

}
