package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * How logs, reports and the endpoint show names, reasons and times. Names and reasons may
 * come from outside of the application, and must not forge lines of the log, or fill it.
 *
 * @author The Graceful Shutdown authors
 */
public final class Printable {

	/**
	 * The greatest length of a name or a reason, in characters.
	 */
	public static final int MAX_LENGTH = 200;

	private static final String CUT = "...";

	private Printable() {
	}

	/**
	 * Return a text as one line of at most {@value #MAX_LENGTH} characters. Characters
	 * that control a terminal, end a line or change the direction of the text become
	 * spaces.
	 * @param text the text, may be {@code null}
	 * @return the text, or {@code "null"}
	 */
	public static String of(@Nullable String text) {
		if (text == null) {
			return "null";
		}
		return isPrintable(text) ? text : print(text);
	}

	// Most texts are short and plain, and cost no more than this
	private static boolean isPrintable(String text) {
		int length = text.length();
		if (length > MAX_LENGTH) {
			return false;
		}
		for (int i = 0; i < length; i++) {
			char c = text.charAt(i);
			if (c < ' ' || c > '~') {
				return false;
			}
		}
		return true;
	}

	private static String print(String text) {
		StringBuilder result = new StringBuilder();
		for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
			int character = text.codePointAt(i);
			result.appendCodePoint(isShown(character) ? character : ' ');
			if (result.length() > MAX_LENGTH) {
				return cut(result);
			}
		}
		return result.toString();
	}

	private static String cut(StringBuilder text) {
		int length = MAX_LENGTH - CUT.length();
		if (Character.isHighSurrogate(text.charAt(length - 1))) {
			length--;
		}
		text.setLength(length);
		return text.append(CUT).toString();
	}

	private static boolean isShown(int character) {
		return switch (Character.getType(character)) {
			case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
					Character.SURROGATE ->
				false;
			default -> true;
		};
	}

	/**
	 * Return a duration in seconds.
	 * @param duration the duration
	 * @return the seconds, with one decimal
	 */
	public static String seconds(Duration duration) {
		return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
	}

	/**
	 * Return the place of an instant in the grace period.
	 * @param remaining the time until the end of the grace period, negative after it
	 * @return the seconds before or after the end of the grace period
	 */
	public static String beforeEnd(Duration remaining) {
		return "%s %s the end of the grace period".formatted(seconds(remaining.abs()),
				remaining.isNegative() ? "after" : "before");
	}

}
