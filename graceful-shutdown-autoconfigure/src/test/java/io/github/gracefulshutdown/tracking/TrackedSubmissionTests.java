package io.github.gracefulshutdown.tracking;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link TrackedSubmission}.
 *
 * @author The Graceful Shutdown authors
 */
class TrackedSubmissionTests {

	@Test
	void theFirstTaskOfTheSubmissionIsTrackedAlready() {
		List<Boolean> taken = new ArrayList<>();
		TrackedSubmission.during(() -> taken.add(TrackedSubmission.take()) && taken.add(TrackedSubmission.take()));
		assertThat(taken).containsExactly(true, false);
	}

	@Test
	void theTasksOfWorkThatBeginsInTheSubmissionAreNotTrackedAlready() {
		Boolean taken = TrackedSubmission.during(() -> {
			TrackedSubmission.end();
			return TrackedSubmission.take();
		});
		assertThat(taken).isFalse();
	}

	@Test
	void noTaskAfterTheSubmissionIsTrackedAlready() {
		TrackedSubmission.during(() -> null);
		assertThat(TrackedSubmission.take()).isFalse();
		assertThatIllegalStateException().isThrownBy(() -> TrackedSubmission.during(() -> {
			throw new IllegalStateException("Test");
		}));
		assertThat(TrackedSubmission.take()).isFalse();
	}

}
