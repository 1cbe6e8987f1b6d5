package io.github.gracefulshutdown.tracking;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.apache.commons.logging.Log;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link BestEffort}.
 *
 * @author The Graceful Shutdown authors
 */
class BestEffortTests {

	private final Log logger = mock();

	@Test
	void aFailureIsLogged() {
		IOException failure = new IOException();
		BestEffort.run(this.logger, "the step", () -> {
			throw failure;
		});
		then(this.logger).should().warn("The drain goes on: the step failed", failure);
	}

	@Test
	void aFailureIsLoggedWithoutItsStackIfTheLogCannotPrintIt() {
		IOException failure = new IOException("disk full");
		willThrow(new NoClassDefFoundError()).given(this.logger).warn("The drain goes on: the step failed", failure);
		BestEffort.run(this.logger, "the step", () -> {
			throw failure;
		});
		then(this.logger).should().warn("The drain goes on: the step failed: java.io.IOException: disk full");
	}

	@Test
	void anErrorIsLoggedWithoutItsStackIfTheLogCannotPrintIt() {
		IOException failure = new IOException("disk full");
		willThrow(new NoClassDefFoundError()).given(this.logger).error("The drain failed", failure);
		BestEffort.error(this.logger, "The drain failed", failure);
		then(this.logger).should().error("The drain failed: java.io.IOException: disk full");
	}

	@Test
	void aFailureDoesNotAffectTheNextItem() {
		LinkageError failure = new LinkageError();
		List<Integer> done = new ArrayList<>();
		BestEffort.forEach(this.logger, List.of(1, 2, 3), (item) -> "step " + item, (item) -> {
			if (item == 2) {
				throw failure;
			}
			done.add(item);
		});
		assertThat(done).containsExactly(1, 3);
		then(this.logger).should().warn("The drain goes on: step 2 failed", failure);
		then(this.logger).shouldHaveNoMoreInteractions();
	}

}
