package io.github.gracefulshutdown.executor;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.IntakeDrainAutoConfiguration;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.JobHandle;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.annotation.InboundChannelAdapter;
import org.springframework.integration.annotation.Poller;
import org.springframework.integration.annotation.ServiceActivator;
import org.springframework.integration.channel.QueueChannel;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.support.GenericMessage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of the pollers of Spring Integration, which are ticks of the application's
 * scheduler.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class IntegrationPollerDrainTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class,
				LifecycleAutoConfiguration.class, TaskSchedulingAutoConfiguration.class,
				GracefulShutdownAutoConfiguration.class, BackgroundJobAutoConfiguration.class,
				ExecutorDrainAutoConfiguration.class, IntakeDrainAutoConfiguration.class))
		.withPropertyValues("spring.task.scheduling.thread-name-prefix=poller-")
		.withUserConfiguration(IntegrationConfiguration.class)
		.withBean(Gate.class)
		.withBean(Letters.class);

	@Test
	void theMessageInHandIsHandled() {
		this.contextRunner.run((context) -> {
			Gate gate = context.getBean(Gate.class);
			Letters letters = context.getBean(Letters.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			gate.awaitArrivals(1);
			Thread closing = new Thread(context::close);
			closing.start();
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			// The poller of the other channel comes and goes
			await().until(() -> shutdown.inFlight() == 1);
			gate.open();
			closing.join();
			assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
			assertThat(letters.handled).startsWith("letter 1");
			assertThat(letters.handled).as("all letters that were taken").hasSize(letters.taken.get());
			assertThat(letters.interrupts).as("up to the end of each letter").startsWith(0);
		});
	}

	@Test
	void noFurtherMessageIsTaken() {
		this.contextRunner.withPropertyValues("spring.task.scheduling.pool.size=3").run((context) -> {
			Letters letters = context.getBean(Letters.class);
			JobHandle job = context.getBean(BackgroundJobs.class).track("job");
			context.getBean(Gate.class).open();
			await().until(() -> letters.handled.size() > 2);
			CompletionStage<DrainReport> report = context.getBean(GracefulShutdown.class).shutdown("test");
			await().until(() -> !isTaking(letters));
			job.close();
			assertThat(report.toCompletableFuture().join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(letters.handled).hasSize(letters.taken.get());
		});
	}

	@Test
	void standbyPausesThePollers() {
		this.contextRunner.withPropertyValues("spring.task.scheduling.pool.size=3").run((context) -> {
			Letters letters = context.getBean(Letters.class);
			Gate gate = context.getBean(Gate.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			gate.awaitArrivals(1);
			shutdown.standBy("test");
			await().until(() -> shutdown.inFlight() <= 1);
			assertThat(letters.handled).isEmpty();
			gate.open();
			await().until(() -> letters.handled.size() == 1);
			assertThat(letters.interrupts).containsExactly(0);
			assertThat(isTaking(letters)).isFalse();
			shutdown.resume();
			await().until(() -> letters.handled.size() > 2);
		});
	}

	private static boolean isTaking(Letters letters) {
		int before = letters.taken.get();
		try {
			await().atMost(Duration.ofMillis(200)).until(() -> letters.taken.get() > before);
			return true;
		}
		catch (ConditionTimeoutException ex) {
			return false;
		}
	}

	@Test
	void workInFlightCanStillSendToAChannelThatIsPolled() {
		this.contextRunner.withPropertyValues("spring.task.scheduling.pool.size=3").run((context) -> {
			Gate gate = context.getBean(Gate.class);
			Letters letters = context.getBean(Letters.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			gate.awaitArrivals(1);
			CompletionStage<DrainReport> report = shutdown.shutdown("test");
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			context.getBean("post", MessageChannel.class).send(new GenericMessage<>("reply"));
			await().until(() -> letters.posted.contains("reply"));
			gate.open();
			assertThat(report.toCompletableFuture().join().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	@Test
	void queuedMessagesAreHandledIfTheApplicationSaysThatTheyAreWork() {
		this.contextRunner.withUserConfiguration(PostsConfiguration.class).run((context) -> {
			Letters letters = context.getBean(Letters.class);
			context.getBean(Gate.class).open();
			MessageChannel post = context.getBean("post", MessageChannel.class);
			for (int i = 0; i < 20; i++) {
				post.send(new GenericMessage<>("post " + i));
			}
			DrainReport report = context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture().join();
			assertThat(report.state()).isEqualTo(DrainState.DRAINED);
			// The last is in hand
			await().until(() -> letters.posted.size() == 20);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class PostsConfiguration {

		@Bean
		Workload posts(@Qualifier("post") QueueChannel channel) {
			return new Workload() {

				@Override
				public String getName() {
					return "posts";
				}

				@Override
				public long getInFlight() {
					return channel.getQueueSize();
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableIntegration
	static class IntegrationConfiguration {

		@Bean
		QueueChannel post() {
			return new QueueChannel();
		}

	}

	static class Letters {

		private final Gate gate;

		private final AtomicInteger taken = new AtomicInteger();

		private final List<String> handled = new CopyOnWriteArrayList<>();

		private final List<Integer> interrupts = new CopyOnWriteArrayList<>();

		private final List<String> posted = new CopyOnWriteArrayList<>();

		Letters(Gate gate) {
			this.gate = gate;
		}

		@InboundChannelAdapter(channel = "letters", poller = @Poller(fixedDelay = "10"))
		String take() {
			return "letter " + this.taken.incrementAndGet();
		}

		@ServiceActivator(inputChannel = "post",
				poller = @Poller(fixedDelay = "10", maxMessagesPerPoll = "1", receiveTimeout = "10"))
		void post(String letter) {
			this.posted.add(letter);
		}

		@ServiceActivator(inputChannel = "letters")
		void handle(String letter) {
			this.gate.passStubbornly();
			this.interrupts.add(this.gate.getInterrupts());
			this.handled.add(letter);
		}

	}

}
