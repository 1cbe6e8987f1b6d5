package io.github.gracefulshutdown.work;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An application with one kind of work, chosen by the profile.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootApplication
public class WorkTestApplication {

	public static void main(String[] args) {
		SpringApplication.run(WorkTestApplication.class, args);
	}

}
