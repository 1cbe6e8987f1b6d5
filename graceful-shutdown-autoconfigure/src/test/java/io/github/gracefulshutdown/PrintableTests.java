package io.github.gracefulshutdown;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Printable}, and for what records do with it.
 *
 * @author The Graceful Shutdown authors
 */
class PrintableTests {

	@ParameterizedTest
	@ValueSource(ints = { 0, '\n', '\r', 0x1B, 0x7F, 0x85, 0x9B, 0x200F, 0x2028, 0x2029, 0x202E, 0x2066, 0xD83D, 0xFEFF,
			0xE0041 })
	void aCharacterThatIsNotShownBecomesASpace(int character) {
		assertThat(Printable.of("a" + Character.toString(character) + "b")).isEqualTo("a b");
	}

	@Test
	void lettersOfAllAlphabetsStay() {
		String text = "\u00fcbung \u65e5\u672c \ud83d\ude00";
		assertThat(Printable.of(text)).isEqualTo(text);
		String plain = "GET /orders?x";
		assertThat(Printable.of(plain)).isSameAs(plain);
	}

	@Test
	void aTextThatIsMissingIsNamed() {
		assertThat(Printable.of(null)).isEqualTo("null");
	}

	@Test
	void aLongTextIsCutBetweenCharacters() {
		assertThat(Printable.of("x".repeat(200))).isEqualTo("x".repeat(200));
		assertThat(Printable.of("x".repeat(201))).isEqualTo("x".repeat(197) + "...");
		assertThat(Printable.of("x".repeat(196) + "\ud83d\ude00".repeat(10))).isEqualTo("x".repeat(196) + "...");
	}

	@Test
	void anInstantIsBeforeOrAfterTheEndOfTheGracePeriod() {
		assertThat(Printable.beforeEnd(Duration.ofMillis(2700))).isEqualTo("2.7 s before the end of the grace period");
		assertThat(Printable.beforeEnd(Duration.ofMillis(-2700))).isEqualTo("2.7 s after the end of the grace period");
	}

	@Test
	void workSaysSinceWhenItRunsAndWhenItWasAccepted() {
		assertThat(work(WorkState.RUNNING, 5, 2L)).isEqualTo("running for 2.0 s, accepted 5.0 s ago");
		assertThat(work(WorkState.WAITING, 5, 2L)).isEqualTo("waiting for 2.0 s, accepted 5.0 s ago");
		assertThat(work(WorkState.RUNNING, 5, 5L)).isEqualTo("running for 5.0 s");
		assertThat(work(WorkState.RUNNING, 5, null)).isEqualTo("running, accepted 5.0 s ago");
		assertThat(work(WorkState.QUEUED, 5, null)).isEqualTo("queued for 5.0 s");
		assertThat(WorkSnapshot.nameless("jobs", 1)).hasToString("[jobs: jobs, running]");
	}

	private static String work(WorkState state, long age, @Nullable Long running) {
		return new WorkSnapshot("jobs", "invite", state, Duration.ofSeconds(age),
				(running != null) ? Duration.ofSeconds(running) : null, null, List.of())
			.describeState();
	}

}
