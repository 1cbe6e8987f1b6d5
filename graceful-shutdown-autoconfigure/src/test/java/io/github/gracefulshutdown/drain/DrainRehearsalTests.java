package io.github.gracefulshutdown.drain;

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
	void rehearsesSilently(CapturedOutput output) {
		new DrainRehearsal(System::nanoTime).run();
		assertThat(output).isEmpty();
	}

}
