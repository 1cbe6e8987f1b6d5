package io.github.gracefulshutdown.work;

import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/**
 * A job of Quartz.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
@Profile("quartz")
class QuartzWork {

	@Bean
	JobDetail work() {
		return JobBuilder.newJob(Work.class).withIdentity("work").storeDurably().build();
	}

	@Bean
	Trigger now(JobDetail work) {
		return TriggerBuilder.newTrigger().forJob(work).startNow().build();
	}

	/**
	 * The job.
	 */
	static class Work implements Job {

		private final Worker worker;

		Work(Worker worker) {
			this.worker = worker;
		}

		@Override
		public void execute(JobExecutionContext context) {
			this.worker.handle("slow 3000");
		}

	}

}
