package io.github.gracefulshutdown.work;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An application with one kind of work, which the profile chooses.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootApplication
public class WorkTestApplication {

	public static void main(String[] args) {
		SpringApplication.run(WorkTestApplication.class, args);
	}

}
