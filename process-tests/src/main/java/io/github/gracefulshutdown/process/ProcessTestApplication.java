package io.github.gracefulshutdown.process;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.reactive.config.BlockingExecutionConfigurer;
import org.springframework.web.reactive.config.WebFluxConfigurer;

/**
 * An application whose requests and jobs take the time that their caller demands.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootApplication
@EnableAsync
public class ProcessTestApplication {

	/**
	 * Starts the jobs of a worker, an application without requests.
	 * @param jobs the jobs
	 * @param count how many to start
	 * @return the runner
	 */
	@Bean
	@ConditionalOnProperty("worker.jobs")
	ApplicationRunner worker(Jobs jobs, @Value("${worker.jobs}") int count) {
		return (arguments) -> {
			for (int i = 0; i < count; i++) {
				jobs.timed("job-" + i, 1000);
			}
		};
	}

	/**
	 * The controller's methods block, so they must not run on an event loop.
	 * @return the configurer
	 */
	@Bean
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	WebFluxConfigurer blockingExecution() {
		return new WebFluxConfigurer() {

			@Override
			public void configureBlockingExecution(BlockingExecutionConfigurer configurer) {
				configurer.setExecutor(new SimpleAsyncTaskExecutor("blocking-"));
			}

		};
	}

	public static void main(String[] args) {
		SpringApplication.run(ProcessTestApplication.class, args);
		System.out.println("The test application has started");
	}

}
