package io.github.gracefulshutdown.job;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import io.github.gracefulshutdown.WorkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.kafka.annotation.KafkaHandler;
import org.springframework.kafka.annotation.KafkaListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for message listeners that return before they have handled their message.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class AsynchronousListenerTests {

	private final ApplicationContextRunner contextRunner = JobApplication.runner();

	@Test
	void aFutureIsAJob() {
		this.contextRunner.withBean(Listeners.class).run((context) -> {
			CompletableFuture<Void> handled = new CompletableFuture<>();
			assertThat(context.getBean(Listeners.class).future(handled)).isSameAs(handled);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("Listeners.future");
			handled.complete(null);
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void aSubscriptionIsAJob() {
		this.contextRunner.withBean(Listeners.class).run((context) -> {
			Sinks.Empty<Void> handled = Sinks.empty();
			Mono<Void> mono = context.getBean(Listeners.class).mono(handled.asMono());
			assertThat(JobApplication.namesInFlight(context)).isEmpty();
			mono.subscribe();
			assertThat(JobApplication.namesInFlight(context)).containsExactly("Listeners.mono");
			handled.tryEmitEmpty();
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.COMPLETED);
		});
	}

	@Test
	void aHandlerOfAListenerClassIsAJob() {
		this.contextRunner.withBean(ListenerClass.class).run((context) -> {
			CompletableFuture<Void> handled = new CompletableFuture<>();
			context.getBean(ListenerClass.class).handle(handled);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("ListenerClass.handle");
			handled.complete(null);
		});
	}

	@Test
	void theAnnotationOfTheMethodPrevails() {
		this.contextRunner.withBean(Annotated.class).run((context) -> {
			Annotated listeners = context.getBean(Annotated.class);
			listeners.ignored(new CompletableFuture<>());
			CompletableFuture<Void> handled = new CompletableFuture<>();
			listeners.named(handled);
			assertThat(JobApplication.namesInFlight(context)).containsExactly("letters");
			handled.complete(null);
		});
	}

	@Test
	void theProxyIsClassBasedWhateverInterfacesTheListenerHas() {
		this.contextRunner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("listener", WithInterface.class)
			.run((context) -> {
				assertThat(AopUtils.isCglibProxy(context.getBean("listener"))).isTrue();
				CompletableFuture<Void> handled = new CompletableFuture<>();
				context.getBean(WithInterface.class).future(handled);
				assertThat(JobApplication.namesInFlight(context)).containsExactly("WithInterface.future");
				handled.complete(null);
			});
	}

	@ParameterizedTest
	@ValueSource(classes = { Synchronous.class, FinalClass.class, FinalClassWithInterface.class, FinalMethod.class,
			InheritedFinalMethod.class, PrivateListener.class, OtherMethods.class, VisibleField.class })
	void noProxyWhereItIsOfNoUseOrCouldDoHarm(Class<?> type, CapturedOutput output) {
		this.contextRunner.withBean("listener", type).run((context) -> {
			assertThat(AopUtils.isAopProxy(context.getBean("listener"))).isFalse();
			assertThat(output).doesNotContain("has no effect");
		});
	}

	static class Listeners {

		@KafkaListener(topics = "letters")
		CompletableFuture<Void> future(CompletableFuture<Void> handled) {
			return handled;
		}

		@RabbitListener(queues = "letters")
		Mono<Void> mono(Mono<Void> handled) {
			return handled;
		}

	}

	@KafkaListener(topics = "letters")
	static class ListenerClass {

		@KafkaHandler
		CompletableFuture<Void> handle(CompletableFuture<Void> handled) {
			return handled;
		}

	}

	static class Annotated {

		@KafkaListener(topics = "letters")
		@BackgroundJob(onDrain = OnDrain.IGNORE)
		CompletableFuture<Void> ignored(CompletableFuture<Void> handled) {
			return handled;
		}

		@KafkaListener(topics = "letters")
		@BackgroundJob("letters")
		CompletableFuture<Void> named(CompletableFuture<Void> handled) {
			return handled;
		}

	}

	static class WithInterface implements Runnable {

		@Override
		public void run() {
		}

		@KafkaListener(topics = "letters")
		CompletableFuture<Void> future(CompletableFuture<Void> handled) {
			return handled;
		}

	}

	static class Synchronous {

		@KafkaListener(topics = "letters")
		void handle(String message) {
		}

	}

	static final class FinalClass {

		@KafkaListener(topics = "letters")
		CompletableFuture<Void> handle(CompletableFuture<Void> handled) {
			return handled;
		}

	}

	static final class FinalClassWithInterface implements Runnable {

		@Override
		public void run() {
		}

		@KafkaListener(topics = "letters")
		CompletableFuture<Void> handle(CompletableFuture<Void> handled) {
			return handled;
		}

	}

	static class FinalMethod {

		@KafkaListener(topics = "letters")
		CompletableFuture<Void> handle(CompletableFuture<Void> handled) {
			return handled;
		}

		final void other() {
		}

	}

	static class InheritedFinalMethod extends FinalMethod {

	}

	static class PrivateListener {

		@KafkaListener(topics = "letters")
		CompletableFuture<Void> handle(CompletableFuture<Void> handled) {
			return handled;
		}

		@KafkaListener(topics = "letters")
		private void secret(String message) {
		}

	}

	static class VisibleField {

		final CountDownLatch latch = new CountDownLatch(1);

		@KafkaListener(topics = "letters")
		CompletableFuture<Void> handle(CompletableFuture<Void> handled) {
			return handled;
		}

	}

	static class OtherMethods {

		@KafkaListener(topics = "letters")
		void handle(String message) {
		}

		CompletableFuture<Void> future(CompletableFuture<Void> handled) {
			return handled;
		}

	}

}
