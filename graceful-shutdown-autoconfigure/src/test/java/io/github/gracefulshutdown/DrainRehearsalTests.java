package io.github.gracefulshutdown;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DrainRehearsal}.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class DrainRehearsalTests {

	@Test
	void looksAtTheWorkloadsAndSaysNothing(CapturedOutput output) {
		InFlight inFlight = new InFlight();
		TrackedWorkload<Work> real = new TrackedWorkload<>("real", inFlight, System::nanoTime) {
		};
		DrainRehearsal.run(List.of(real), System::nanoTime);
		assertThat(output).isEmpty();
		assertThat(inFlight.enter()).as("not sealed").isTrue();
	}

}
