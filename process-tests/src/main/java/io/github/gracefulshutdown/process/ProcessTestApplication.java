package io.github.gracefulshutdown.process;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.scheduling.annotation.EnableAsync;

/**
 * An application whose requests and jobs take as long as they are told to.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootApplication
@EnableAsync
public class ProcessTestApplication {

	public static void main(String[] args) {
		SpringApplication.run(ProcessTestApplication.class, args);
	}

}
