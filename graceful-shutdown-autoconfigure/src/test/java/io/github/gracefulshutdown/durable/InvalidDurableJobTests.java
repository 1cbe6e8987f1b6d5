package io.github.gracefulshutdown.durable;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.DurableJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.OnDrain;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for methods that cannot be durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
class InvalidDurableJobTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withPropertyValues("graceful-shutdown.durable.enabled=true", "graceful-shutdown.durable.mode=direct")
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						PropertyPlaceholderAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
						BackgroundJobAutoConfiguration.class, DurableJobAutoConfiguration.class));

	private void assertRefused(Class<?> bean, String reason) {
		this.runner.withBean("jobs", bean)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("bean 'jobs' cannot be a @DurableJob: ")
				.hasMessageContaining(ClassUtils.getQualifiedName(bean))
				.hasMessageContaining(reason));
	}

	@Test
	void aResultCannotBeReturned() {
		assertRefused(Future.class, "it returns CompletableFuture, and runs after the call has returned");
		assertRefused(Reactive.class, "it returns Mono");
	}

	@Test
	void aMethodThatTheProxyCannotOverride() {
		assertRefused(Private.class, "the method is private, static or final");
		assertRefused(Final.class, "the method is private, static or final");
		assertRefused(FinalClass.class, "the bean cannot be proxied (is its class final?)");
	}

	@Test
	void aNameIsNeeded() {
		assertRefused(Nameless.class, "it has no name");
		assertRefused(BadName.class, "'send invoice' is not a name");
		assertRefused(Twice.class, "the name 'twice' is also that of");
		assertRefused(AliasTwice.class, "the name 'one' is also that of");
	}

	@Test
	void numbersAndExpressionsAreChecked() {
		assertRefused(NoAttempts.class, "attempts is 0");
		assertRefused(BadBackoff.class, "backoff 'soon' is not a pause");
		assertRefused(LongBackoff.class, "backoff '2h' is not a pause");
		assertRefused(BadKey.class, "key is not an expression");
		assertRefused(Ignored.class, "onDrain must not be IGNORE");
	}

	@Test
	void argumentsThatCannotBeReadBack() {
		assertRefused(Stream.class, "java.io.InputStream has no form in JSON");
		assertRefused(Request.class, "jakarta.servlet.http.HttpServletRequest has no form in JSON");
		assertRefused(AnyObject.class, "java.lang.Object has no form in JSON");
		assertRefused(AnyValue.class, "java.lang.Object has no form in JSON");
		assertRefused(Callback.class, "java.util.function.Consumer has no form in JSON");
		assertRefused(AnInterface.class, "abstract types");
		assertRefused(NoConstructor.class, "cannot be read back from JSON");
	}

	@Test
	void aBeanOfAnotherScopeMayNotExistWhenAStoredJobIsDue() {
		this.runner
			.withBean("jobs", Good.class, Good::new,
					(definition) -> definition.setScope(BeanDefinition.SCOPE_PROTOTYPE))
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("of bean 'jobs' cannot be a @DurableJob: the bean is not a singleton"));
	}

	@ParameterizedTest
	@ValueSource(classes = { Good.class, Inherited.class })
	void argumentsThatCanBeReadBack(Class<?> bean) {
		this.runner.withBean(bean).run((context) -> assertThat(context).hasNotFailed());
	}

	static class Future {

		@DurableJob("job")
		CompletableFuture<String> job() {
			return new CompletableFuture<>();
		}

	}

	static class Reactive {

		@DurableJob("job")
		Mono<String> job() {
			return Mono.empty();
		}

	}

	static class Private {

		@DurableJob("job")
		private void job() {
		}

	}

	static class Final {

		@DurableJob("job")
		final void job() {
		}

	}

	static final class FinalClass {

		@DurableJob("job")
		void job() {
		}

	}

	static class Nameless {

		@DurableJob
		void job() {
		}

	}

	static class BadName {

		@DurableJob("send invoice")
		void job() {
		}

	}

	static class Twice {

		@DurableJob("twice")
		void one() {
		}

		@DurableJob("twice")
		void other() {
		}

	}

	static class AliasTwice {

		@DurableJob("one")
		void one() {
		}

		@DurableJob(name = "other", aliases = "one")
		void other() {
		}

	}

	static class NoAttempts {

		@DurableJob(name = "job", attempts = 0)
		void job() {
		}

	}

	static class BadBackoff {

		@DurableJob(name = "job", backoff = "soon")
		void job() {
		}

	}

	static class LongBackoff {

		@DurableJob(name = "job", backoff = "2h")
		void job() {
		}

	}

	static class BadKey {

		@DurableJob(name = "job", key = "#")
		void job() {
		}

	}

	static class Ignored {

		@DurableJob(name = "job", onDrain = OnDrain.IGNORE)
		void job() {
		}

	}

	static class Stream {

		@DurableJob("job")
		void job(InputStream stream) {
		}

	}

	static class Request {

		@DurableJob("job")
		void job(HttpServletRequest request) {
		}

	}

	static class AnyObject {

		@DurableJob("job")
		void job(Object object) {
		}

	}

	static class AnyValue {

		@DurableJob("job")
		void job(Map<String, Object> values) {
		}

	}

	static class Callback {

		@DurableJob("job")
		void job(Consumer<String> callback) {
		}

	}

	static class AnInterface {

		@DurableJob("job")
		void job(Shape shape) {
		}

	}

	interface Shape {

		int size();

	}

	static class NoConstructor {

		@DurableJob("job")
		void job(Hidden hidden) {
		}

	}

	static class Hidden {

		Hidden(int one, int two) {
		}

	}

	static class Good {

		@DurableJob("${missing:job}")
		void job(String text, int number, List<Line> lines, Map<String, List<Integer>> map, Line[] array,
				java.time.Instant instant, java.util.UUID uuid, Line line, OnDrain constant) {
		}

		record Line(String article, int amount) {

		}

	}

	abstract static class Generic<T> {

		@DurableJob("generic")
		void job(T value) {
		}

	}

	static class Inherited extends Generic<String> {

	}

}
