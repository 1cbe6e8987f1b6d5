package io.github.gracefulshutdown.work;

import java.util.List;

import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.support.AbstractItemCountingItemStreamItemReader;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * A batch job that continues from the point of its stop.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
@Profile("batch")
class BatchWork {

	@Bean
	Job work(JobRepository repository, Step items) {
		return new JobBuilder("work", repository).start(items).build();
	}

	@Bean
	Step items(JobRepository repository, PlatformTransactionManager transactions, Items items, Worker worker) {
		return new StepBuilder("items", repository).<String, String>chunk(1)
			.transactionManager(transactions)
			.reader(items)
			.writer((chunk) -> chunk.forEach(worker::handle))
			.build();
	}

	@Bean
	Items reader() {
		return new Items();
	}

	/**
	 * The items of the job.
	 */
	static class Items extends AbstractItemCountingItemStreamItemReader<String> {

		private static final List<String> ITEMS = List.of("one 1000", "two 1000", "three 1000", "four 1000",
				"five 1000");

		Items() {
			setName("items");
		}

		@Override
		protected String doRead() {
			return ITEMS.get(getCurrentItemCount() - 1);
		}

		@Override
		protected void doOpen() {
			setMaxItemCount(ITEMS.size());
		}

		@Override
		protected void doClose() {
		}

	}

}
