package io.github.gracefulshutdown.message;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An application whose work comes as messages. The profile chooses the broker.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootApplication
public class MessageTestApplication {

	public static void main(String[] args) {
		SpringApplication.run(MessageTestApplication.class, args);
	}

}
