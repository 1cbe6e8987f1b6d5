package io.github.gracefulshutdown.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * A schedule whose ticks take their time.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@EnableScheduling
@ConditionalOnProperty("ticks.duration")
class Ticks {

	private final Journal journal;

	private final long duration;

	private final AtomicInteger count = new AtomicInteger();

	Ticks(Journal journal, @Value("${ticks.duration}") long duration) {
		this.journal = journal;
		this.duration = duration;
	}

	@Scheduled(fixedRate = 500)
	void tick() throws InterruptedException {
		int number = this.count.incrementAndGet();
		this.journal.add("begin-" + number);
		TimeUnit.MILLISECONDS.sleep(this.duration);
		this.journal.add("end-" + number);
	}

}
