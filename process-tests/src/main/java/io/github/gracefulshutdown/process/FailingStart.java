package io.github.gracefulshutdown.process;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Lets the start of the application fail after it has begun a job.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
class FailingStart {

	@Bean
	@ConditionalOnProperty("failing.runner")
	ApplicationRunner failingRunner(Jobs jobs) {
		return (arguments) -> {
			jobs.timed("job", 1000);
			throw new IllegalStateException("The start fails");
		};
	}

	@Bean
	@ConditionalOnProperty("failing.bean")
	SmartInitializingSingleton failingBean(Jobs jobs, @Value("${failing.bean}") int exitCode) {
		return () -> {
			try {
				jobs.timed("job", 1000);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			throw new StartFailedException(exitCode);
		};
	}

	/**
	 * Has an exit code of its own.
	 */
	static class StartFailedException extends RuntimeException implements ExitCodeGenerator {

		private final int exitCode;

		StartFailedException(int exitCode) {
			super("The start fails");
			this.exitCode = exitCode;
		}

		@Override
		public int getExitCode() {
			return this.exitCode;
		}

	}

}
