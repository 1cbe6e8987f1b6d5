package io.github.gracefulshutdown.drain;

import java.util.Collection;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.util.ReflectionTestUtils;

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
		// It comes late from applications that other tests have closed
		assertThat(output.toString().lines()).filteredOn((line) -> !line.contains("RemainingThreads")).isEmpty();
	}

	@Test
	void leavesNoLifecycleBehind() {
		Collection<?> lifecycles = (Collection<?>) ReflectionTestUtils.getField(DrainLifecycle.class, "all");
		assertThat(lifecycles).isNotNull();
		List<Object> before = List.copyOf(lifecycles);
		new DrainRehearsal(System::nanoTime).run();
		assertThat(List.<Object>copyOf(lifecycles)).hasSameElementsAs(before);
	}

}
