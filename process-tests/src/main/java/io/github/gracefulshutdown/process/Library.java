package io.github.gracefulshutdown.process;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Stands for a library that closes itself by a shutdown hook of the JVM.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@ConditionalOnProperty("library.hook")
class Library {

	Library(Journal journal) {
		Runtime.getRuntime().addShutdownHook(new Thread(() -> journal.add("library closed"), "library"));
	}

}
