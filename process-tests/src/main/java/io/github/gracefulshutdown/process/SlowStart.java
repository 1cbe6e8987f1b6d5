package io.github.gracefulshutdown.process;

import java.util.concurrent.TimeUnit;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Lets the start of the application take its time.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@ConditionalOnProperty("slow.start")
class SlowStart {

	SlowStart(Journal journal, @Value("${slow.start}") long millis) throws InterruptedException {
		journal.add("slow start");
		TimeUnit.MILLISECONDS.sleep(millis);
	}

}
