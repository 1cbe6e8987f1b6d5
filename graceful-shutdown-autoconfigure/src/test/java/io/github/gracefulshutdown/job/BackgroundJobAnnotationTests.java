package io.github.gracefulshutdown.job;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.assertj.core.api.StringAssert;
import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the places of {@link BackgroundJob}, and for the names of jobs.
 *
 * @author The Graceful Shutdown authors
 */
class BackgroundJobAnnotationTests {

	private final ApplicationContextRunner contextRunner = JobApplication.runner();

	@Test
	void nameIsByDefaultThatOfClassAndMethod() {
		assertThatNameOf(Unnamed.class).isEqualTo("Unnamed.get");
	}

	@Test
	void nameCanBeGivenAsName() {
		assertThatNameOf(Named.class).isEqualTo("named");
	}

	@Test
	void nameCanHoldPlaceholder() {
		assertThatNameOf(WithPlaceholder.class).isEqualTo("invite-to-spring");
	}

	@Test
	void nameWithUnresolvablePlaceholderFailsStartUp() {
		this.contextRunner.withBean(WithPlaceholder.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("Could not resolve placeholder 'organization'"));
	}

	@Test
	void nameWithUnresolvablePlaceholderOnTypeFailsStartUp() {
		this.contextRunner.withBean(TypeWithPlaceholder.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("Could not resolve placeholder 'organization'"));
	}

	@Test
	void annotationCanBeMetaAnnotation() {
		assertThatNameOf(MetaAnnotated.class).isEqualTo("important");
	}

	@Test
	void annotationCanBeOnType() {
		assertThatNameOf(AnnotatedType.class).isEqualTo("on-type");
	}

	@Test
	void annotationOnMethodIsUsedInsteadOfThatOnType() {
		assertThatNameOf(AnnotatedTypeAndMethod.class).isEqualTo("on-method");
	}

	@Test
	void annotationOnTypeIsInherited() {
		assertThatNameOf(Inheriting.class).isEqualTo("on-type");
	}

	@Test
	void annotationCanBeOnInterfaceMethodOfClassBasedProxy() {
		this.contextRunner.withBean(InterfaceImplementation.class).run((context) -> {
			assertThat(AopUtils.isCglibProxy(context.getBean(AnnotatedInterface.class))).isTrue();
			assertThat(context.getBean(AnnotatedInterface.class).names(() -> JobApplication.namesInFlight(context)))
				.containsExactly("on-interface");
		});
	}

	@Test
	void annotationCanBeOnInterfaceMethodOfInterfaceBasedProxy() {
		this.contextRunner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean(InterfaceImplementation.class)
			.run((context) -> {
				assertThat(AopUtils.isJdkDynamicProxy(context.getBean(AnnotatedInterface.class))).isTrue();
				assertThat(context.getBean(AnnotatedInterface.class).names(() -> JobApplication.namesInFlight(context)))
					.containsExactly("on-interface");
			});
	}

	private <T extends Getter> StringAssert assertThatNameOf(Class<T> type) {
		AtomicReference<String> name = new AtomicReference<>();
		this.contextRunner.withPropertyValues("organization=spring").withBean(type).run((context) -> {
			List<String> names = context.getBean(type).get(() -> JobApplication.namesInFlight(context));
			assertThat(names).hasSize(1);
			name.set(names.get(0));
		});
		return new StringAssert(name.get());
	}

	@BackgroundJob("important")
	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@interface ImportantJob {

	}

	interface AnnotatedInterface {

		@BackgroundJob("on-interface")
		List<String> names(Supplier<List<String>> body);

	}

	abstract static class Getter {

		abstract List<String> get(Supplier<List<String>> body);

	}

	static class Unnamed extends Getter {

		@Override
		@BackgroundJob
		List<String> get(Supplier<List<String>> body) {
			return body.get();
		}

	}

	static class Named extends Getter {

		@Override
		@BackgroundJob(name = "named")
		List<String> get(Supplier<List<String>> body) {
			return body.get();
		}

	}

	static class WithPlaceholder extends Getter {

		@Override
		@BackgroundJob("invite-to-${organization}")
		List<String> get(Supplier<List<String>> body) {
			return body.get();
		}

	}

	@BackgroundJob("invite-to-${organization}")
	static class TypeWithPlaceholder extends Getter {

		@Override
		List<String> get(Supplier<List<String>> body) {
			return body.get();
		}

	}

	static class MetaAnnotated extends Getter {

		@Override
		@ImportantJob
		List<String> get(Supplier<List<String>> body) {
			return body.get();
		}

	}

	@BackgroundJob("on-type")
	static class AnnotatedType extends Getter {

		@Override
		List<String> get(Supplier<List<String>> body) {
			return body.get();
		}

	}

	@BackgroundJob("on-type")
	static class AnnotatedTypeAndMethod extends Getter {

		@Override
		@BackgroundJob("on-method")
		List<String> get(Supplier<List<String>> body) {
			return body.get();
		}

	}

	static class Inheriting extends AnnotatedType {

	}

	static class InterfaceImplementation implements AnnotatedInterface {

		@Override
		public List<String> names(Supplier<List<String>> body) {
			return body.get();
		}

	}

}
