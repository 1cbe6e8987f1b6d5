package io.github.gracefulshutdown.durable;

import java.io.InputStream;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.DurableJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.OnDrain;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for methods that cannot be durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
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
		assertRefused(NoAttempts.class, "attempts is 0, and must be 1 or more");
		assertRefused(BadBackoff.class, "backoff is 'soon', which is not a duration");
		assertRefused(LongBackoff.class, "backoff is '2h', which is not between 0 and 1 hour");
		assertRefused(BadKey.class, "key is '#', which is not an expression");
		assertRefused(Ignored.class, "onDrain must not be IGNORE");
	}

	@ParameterizedTest
	@CsvSource({ "10, has no unit", "3600000, has no unit", "-5s, is not between 0 and 1 hour",
			"PT1H0.001S, is not between 0 and 1 hour", "99999999999999d, is not between 0 and 1 hour",
			"99999999999999999999d, is not a duration", "'', is not a duration" })
	void aBackoffIsADurationWithAUnit(String backoff, String reason) {
		this.runner.withPropertyValues("backoff=" + backoff)
			.withBean("jobs", ConfiguredBackoff.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidDurableJobException.class)
				.hasMessageContaining("ConfiguredBackoff.job of bean 'jobs'")
				.hasMessageContaining("backoff is '%s', which %s".formatted(backoff, reason))
				.extracting((failure) -> ((InvalidDurableJobException) failure).getAction())
				.asString()
				.contains("with a unit"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "0s", "1h", "250ms", "PT10S" })
	void aBackoffOfAtMostAnHour(String backoff) {
		this.runner.withPropertyValues("backoff=" + backoff)
			.withBean(ConfiguredBackoff.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { "#nope", "#nope.id", "#text + #nope", "{#text, #nope}.toString()",
			"#text != null ? #text : #nope", "#text.concat(#nope)" })
	void aKeyIsOfTheArguments(String key) {
		assertKeyRefused(key, "key is '%s', and there is no argument #nope".formatted(key));
	}

	@Test
	void aKeyThatIsNotAnExpression() {
		assertKeyRefused("#", "key is '#', which is not an expression");
		assertKeyRefused("${key}", "key is '${key}', which is not an expression");
		assertKeyRefused("#a2", "key is '#a2', and there is no argument #a2");
	}

	private void assertKeyRefused(String key, String reason) {
		assertThatExceptionOfType(InvalidDurableJobException.class).isThrownBy(() -> define(key))
			.withMessageContaining("Keyed.job of bean 'jobs'")
			.withMessageContaining(reason);
	}

	@ParameterizedTest
	@ValueSource(strings = { "#text", "#a0", "#p1", "#root.toString()", "#number > 1 ? #text : null",
			"{1, 2}.?[#this > 1].toString()", "text", "'constant'", "#text.nope", "" })
	void aKeyOfArguments(String key) {
		define(key);
	}

	private static void define(String key) {
		Method method = ReflectionUtils.findMethod(Keyed.class, "job", String.class, int.class);
		DurableJobDefinitions
			.parseKey(new DurableJobDefinitions.Site(Objects.requireNonNull(method), Keyed.class, "jobs"), key);
	}

	@Test
	void placeholdersAreResolved() {
		assertRefused(UnresolvedName.class, "name is '${missing.name}', which cannot be resolved: ");
		assertRefused(UnresolvedAlias.class, "aliases is 'old-${missing.alias}', which cannot be resolved: ");
		assertRefused(UnresolvedBackoff.class, "backoff is '${missing.backoff}', which cannot be resolved: ");
	}

	@Test
	void aMethodThatIsRefusedIsNotWarnedOf(CapturedOutput output) {
		assertRefused(Private.class, "the method is private, static or final");
		assertRefused(Static.class, "the method is private, static or final");
		assertRefused(FinalClass.class, "the bean cannot be proxied (is its class final?)");
		assertThat(output).contains("cannot be a @DurableJob").doesNotContain("@BackgroundJob");
	}

	@Test
	void argumentsThatCannotBeReadBack() {
		assertRefused(Stream.class, "java.io.InputStream has no form in JSON");
		assertRefused(Request.class, "jakarta.servlet.http.HttpServletRequest has no form in JSON");
		assertRefused(AnyObject.class, "java.lang.Object has no form in JSON");
		assertRefused(AnyValue.class, "java.lang.Object has no form in JSON");
		assertRefused(Callback.class, "java.util.function.Consumer has no form in JSON");
		assertRefused(AnInterface.class, "InvalidDurableJobTests$Shape is abstract without type information");
		assertRefused(NoConstructor.class, "InvalidDurableJobTests$Hidden has no constructor for JSON");
	}

	@Test
	void partsOfArgumentsThatCannotBeReadBack() {
		assertRefused(StreamInside.class, "'upload.content' is of type java.io.InputStream, which is abstract");
		assertRefused(ConcreteStreamInside.class,
				"'content' is of type java.io.ByteArrayInputStream, which has no constructor for JSON");
		assertRefused(InterfaceInside.class,
				"'shapes[][]' is of type %s, which is abstract".formatted(Shape.class.getName()));
		assertRefused(ConstructorInside.class,
				"'[].hidden' is of type %s, which has no constructor for JSON".formatted(Hidden.class.getName()));
		assertRefused(KeyInside.class, "Key deserializer");
	}

	@Test
	void theArgumentsOfACallCanBeReadBack() {
		this.runner.withBean(Unusual.class).run((context) -> {
			assertThat(context).hasNotFailed();
			Unusual.Parts parts = new Unusual.Parts(Map.of("any", 1), new Unusual.Circle(2), Thread::yield,
					new Unusual.Price(BigDecimal.ONE), new Unusual.Upper("A"), List.of(new Unusual.Circle(3)), "one",
					new Unusual.Named("name"), new Unusual.Setter("text"), null);
			context.getBean(Unusual.class)
				.job(new Unusual.Price(BigDecimal.TEN), new Unusual.Circle(1), parts, List.of(new Unusual.Circle(4)),
						Map.of("all", List.of(new Unusual.Circle(5))));
			assertThat(context.getBean(Unusual.class).calls()).hasSize(1);
		});
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

	static class Static {

		@DurableJob("job")
		static void job() {
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

	static class ConfiguredBackoff {

		@DurableJob(name = "job", backoff = "${backoff}")
		void job() {
		}

	}

	static class Keyed {

		@DurableJob(name = "job")
		void job(String text, int number) {
		}

	}

	static class UnresolvedName {

		@DurableJob("${missing.name}")
		void job() {
		}

	}

	static class UnresolvedAlias {

		@DurableJob(name = "job", aliases = "old-${missing.alias}")
		void job() {
		}

	}

	static class UnresolvedBackoff {

		@DurableJob(name = "job", backoff = "${missing.backoff}")
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

	static class StreamInside {

		@DurableJob("job")
		void job(Mail mail) {
		}

		record Mail(String to, Upload upload) {

		}

		record Upload(String name, InputStream content) {

		}

	}

	static class ConcreteStreamInside {

		@DurableJob("job")
		void job(Upload upload) {
		}

		record Upload(java.io.ByteArrayInputStream content) {

		}

	}

	static class InterfaceInside {

		@DurableJob("job")
		void job(Drawing drawing) {
		}

		record Drawing(Map<String, List<Shape>> shapes) {

		}

	}

	static class ConstructorInside {

		@DurableJob("job")
		void job(List<Node> nodes) {
		}

		static class Node {

			@JsonProperty
			private @Nullable Node next;

			@JsonProperty
			private @Nullable Hidden hidden;

		}

	}

	static class KeyInside {

		@DurableJob("job")
		void job(Sizes sizes) {
		}

		record Sizes(Map<Hidden, Integer> sizes) {

		}

	}

	/**
	 * Types that work although they look as if they did not.
	 */
	static class Unusual {

		private final List<Parts> calls = new ArrayList<>();

		List<Parts> calls() {
			return this.calls;
		}

		@DurableJob("unusual")
		void job(Price price, Polygon polygon, Parts parts, List<Polygon> polygons,
				Map<String, List<Polygon>> polygonsByName) {
			this.calls.add(parts);
		}

		record Parts(Map<String, Object> values, Polygon polygon, @JsonIgnore Runnable ignored, Price price,
				@JsonDeserialize(using = UpperDeserializer.class) Letter letter, List<Polygon> polygons, Object any,
				Naming naming, Setter setter, @Nullable Parts next) {

		}

		@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
		@JsonSubTypes(@JsonSubTypes.Type(value = Circle.class, name = "circle"))
		interface Polygon {

		}

		record Circle(int radius) implements Polygon {

		}

		static class Price {

			private final BigDecimal amount;

			@JsonCreator(mode = JsonCreator.Mode.DELEGATING)
			Price(BigDecimal amount) {
				this.amount = amount;
			}

			@JsonValue
			BigDecimal amount() {
				return this.amount;
			}

		}

		interface Letter {

			@JsonValue
			String letter();

		}

		record Upper(String letter) implements Letter {

		}

		static class UpperDeserializer extends ValueDeserializer<Letter> {

			@Override
			public Letter deserialize(JsonParser parser, DeserializationContext context) {
				return new Upper(parser.getString());
			}

		}

		interface Naming {

			String name();

			@JsonCreator
			static Naming of(@JsonProperty("name") String name) {
				return new Named(name);
			}

		}

		record Named(@JsonProperty String name) implements Naming {

		}

		/**
		 * Its callback can be set, and is never written.
		 */
		static class Setter {

			@JsonProperty
			private String text = "";

			Setter() {
			}

			Setter(String text) {
				this.text = text;
			}

			@JsonProperty
			void setCallback(Runnable callback) {
			}

		}

	}

	static class Good {

		@DurableJob("${missing:job}")
		void job(String text, int number, List<Line> lines, Map<String, List<Integer>> map, Line[] array,
				java.time.Instant instant, java.util.UUID uuid, Line line, OnDrain constant,
				java.util.concurrent.TimeUnit unit) {
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
