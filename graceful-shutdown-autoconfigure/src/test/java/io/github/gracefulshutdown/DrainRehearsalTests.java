package io.github.gracefulshutdown;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DrainRehearsal}.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class DrainRehearsalTests {

	private static volatile boolean initialized;

	@Test
	void looksAtTheWorkloadsAndSaysNothing(CapturedOutput output) {
		InFlight inFlight = new InFlight();
		TrackedWorkload<Work> real = new TrackedWorkload<>("real", inFlight, System::nanoTime) {
		};
		DrainRehearsal.run(List.of(real), System::nanoTime);
		assertThat(output).isEmpty();
		assertThat(inFlight.isSealed()).isFalse();
	}

	@Test
	void loadsWhatIsThereAndDoesNotInitializeIt() {
		DrainRehearsal.load("""
				not.there.Service
				%s
				java.lang.String
				""".formatted(Initialized.class.getName()), getClass().getClassLoader());
		assertThat(initialized).isFalse();
		assertThat(new Initialized()).isNotNull();
		assertThat(initialized).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.util.FileSystemUtils",
			"org.springframework.boot.web.server.GracefulShutdownResult",
			"org.apache.catalina.core.ContainerBase$StopChild", "java.nio.file.FileTreeWalker" })
	void whatClosingTheContextNeedsIsLoaded(String name) {
		Set<String> loaded = new HashSet<>();
		DrainRehearsal.load(DrainRehearsal.closingClasses(), new ClassLoader(getClass().getClassLoader()) {

			@Override
			public Class<?> loadClass(String name) throws ClassNotFoundException {
				loaded.add(name);
				return super.loadClass(name);
			}

		});
		assertThat(loaded).contains(name);
	}

	@Test
	void theLibrariesHaveTheClassesThatAreLoaded() {
		assertThat(DrainRehearsal.closingClasses().lines().filter((name) -> name.matches("(io|org|reactor)\\..*")))
			.isNotEmpty()
			.allMatch((name) -> ClassUtils.isPresent(name, getClass().getClassLoader()));
	}

	static class Initialized {

		static {
			initialized = true;
		}

	}

}
