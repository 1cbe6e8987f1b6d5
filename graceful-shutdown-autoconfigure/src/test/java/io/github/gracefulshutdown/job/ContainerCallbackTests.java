package io.github.gracefulshutdown.job;

import java.util.concurrent.atomic.AtomicBoolean;

import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for types with {@link BackgroundJob} whose methods the container calls after the
 * drain.
 *
 * @author The Graceful Shutdown authors
 */
class ContainerCallbackTests {

	@Test
	void aLifecycleOfAnAnnotatedTypeIsStopped() {
		AtomicBoolean stopped = new AtomicBoolean();
		AtomicBoolean heard = new AtomicBoolean();
		JobApplication.runner().withBean(Poller.class, stopped, heard).run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			context.getBean(Poller.class).poll();
			assertThat(jobs.getCount(WorkState.COMPLETED)).isEqualTo(1);
			context.close();
			assertThat(jobs.getCount(WorkState.REJECTED)).isZero();
		});
		assertThat(heard).isTrue();
		assertThat(stopped).isTrue();
	}

	@BackgroundJob
	static class Poller implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {

		private final AtomicBoolean stopped;

		private final AtomicBoolean heard;

		Poller(AtomicBoolean stopped, AtomicBoolean heard) {
			this.stopped = stopped;
			this.heard = heard;
		}

		void poll() {
		}

		@Override
		public void onApplicationEvent(ContextClosedEvent event) {
			this.heard.set(true);
		}

		@Override
		public void start() {
		}

		@Override
		public void stop() {
			this.stopped.set(true);
		}

		@Override
		public boolean isRunning() {
			return true;
		}

	}

}
