package io.github.gracefulshutdown.process;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableAsync;

/**
 * An application whose requests and jobs take as long as they are told to.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootApplication
@EnableAsync
public class ProcessTestApplication {

	/**
	 * What a worker does, that has no requests.
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

	public static void main(String[] args) {
		SpringApplication.run(ProcessTestApplication.class, args);
	}

}
