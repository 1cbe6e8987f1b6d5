package io.github.gracefulshutdown.job;

import java.util.function.Consumer;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.config.TaskManagementConfigUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the warnings that name {@link BackgroundJob} methods which cannot be tracked.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class BackgroundJobWarningTests {

	private static final String WARNING = "@BackgroundJob on ";

	private final ApplicationContextRunner classBased = JobApplication.runner();

	private final ApplicationContextRunner interfaceBased = this.classBased
		.withPropertyValues("spring.aop.proxy-target-class=false");

	@Test
	void finalMethod(CapturedOutput output) {
		assertWarning(this.classBased, FinalMethod.class, "the method is final", output);
	}

	@Test
	void privateMethod(CapturedOutput output) {
		assertWarning(this.classBased, PrivateMethod.class, "the method is private or static", output);
	}

	@Test
	void staticMethod(CapturedOutput output) {
		assertWarning(this.classBased, StaticMethod.class, "the method is private or static", output);
	}

	@Test
	void finalClass(CapturedOutput output) {
		assertWarning(this.classBased, FinalClass.class, "the bean cannot be proxied (is its class final?)", output);
	}

	@Test
	void annotatedFinalClass(CapturedOutput output) {
		assertWarning(this.classBased, AnnotatedFinalClass.class, "the bean cannot be proxied (is its class final?)",
				output);
	}

	@Test
	void finalMethodOfAnnotatedClass(CapturedOutput output) {
		assertWarning(this.classBased, FinalMethodOfAnnotatedClass.class, "the method is final", output);
	}

	@Test
	void methodThatIsNotOnTheInterfaceOfTheProxy(CapturedOutput output) {
		assertWarning(this.interfaceBased, NotOnInterface.class,
				"the method is not on an interface that the bean's proxy implements", output);
	}

	@Test
	void asyncByAspectJ(CapturedOutput output) {
		assertWarning(
				this.classBased.withBean(TaskManagementConfigUtils.ASYNC_EXECUTION_ASPECT_BEAN_NAME, Object.class),
				AsyncMethod.class, "@Async is woven in by AspectJ", output);
	}

	@Test
	void asyncTypeByAspectJ(CapturedOutput output) {
		assertWarning(
				this.classBased.withBean(TaskManagementConfigUtils.ASYNC_EXECUTION_ASPECT_BEAN_NAME, Object.class),
				AsyncType.class, "@Async is woven in by AspectJ", output);
	}

	@Test
	void noneForMethodsThatCanBeTracked(CapturedOutput output) {
		this.classBased.withBean(AsyncMethod.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).doesNotContain(WARNING);
		});
	}

	@Test
	void noneForFinalMethodThatIsCalledThroughAnInterface(CapturedOutput output) {
		this.interfaceBased.withBean(FinalMethodOnInterface.class).run((context) -> {
			context.getBean(Runner.class).run();
			assertThat(JobApplication.jobs(context).getInFlight()).isZero();
			assertThat(JobApplication.outcomes(JobApplication.jobs(context))).hasSize(1);
			assertThat(output).doesNotContain(WARNING);
		});
	}

	@Test
	void noneForOtherMethodsOfAnnotatedClassThatIsCalledThroughAnInterface(CapturedOutput output) {
		this.interfaceBased.withBean(AnnotatedTypeWithInterface.class).run((context) -> {
			context.getBean(Runner.class).run();
			assertThat(JobApplication.outcomes(JobApplication.jobs(context))).hasSize(1);
			assertThat(output).doesNotContain(WARNING);
		});
	}

	@Test
	@SuppressWarnings("unchecked")
	void noneForMethodOfAGenericInterface(CapturedOutput output) {
		this.interfaceBased.withBean("generic", GenericImplementation.class).run((context) -> {
			((Consumer<String>) context.getBean("generic")).accept("letter");
			assertThat(JobApplication.outcomes(JobApplication.jobs(context))).hasSize(1);
			assertThat(output).doesNotContain(WARNING);
		});
	}

	@Test
	void onceForAllInstancesOfAClass(CapturedOutput output) {
		this.classBased
			.withBean("strange", FinalMethod.class, FinalMethod::new,
					(definition) -> definition.setScope(BeanDefinition.SCOPE_PROTOTYPE))
			.run((context) -> {
				context.getBean(FinalMethod.class);
				context.getBean(FinalMethod.class);
				assertThat(output.toString().lines()).filteredOn((line) -> line.contains(WARNING)).hasSize(1);
			});
	}

	private static void assertWarning(ApplicationContextRunner contextRunner, Class<?> type, String problem,
			CapturedOutput output) {
		contextRunner.withBean("strange", type).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output.toString().lines()).filteredOn((line) -> line.contains("'strange'"))
				.singleElement(InstanceOfAssertFactories.STRING)
				.endsWith(WARNING + type.getName() + ".run of bean 'strange' has no effect: " + problem);
		});
	}

	interface Runner {

		void run();

	}

	static class GenericImplementation implements Consumer<String> {

		@Override
		@BackgroundJob
		public void accept(String letter) {
		}

	}

	static class FinalMethod {

		@BackgroundJob
		final void run() {
		}

	}

	static class PrivateMethod {

		@BackgroundJob
		private void run() {
		}

	}

	static class StaticMethod {

		@BackgroundJob
		static void run() {
		}

	}

	static final class FinalClass {

		@BackgroundJob
		void run() {
		}

	}

	@BackgroundJob
	static final class AnnotatedFinalClass {

		void run() {
		}

		@Override
		public String toString() {
			return "";
		}

	}

	@BackgroundJob
	static class FinalMethodOfAnnotatedClass {

		final void run() {
		}

		void other() {
		}

	}

	static class NotOnInterface implements Runnable {

		@BackgroundJob
		void run(String argument) {
		}

		@Override
		@BackgroundJob
		public void run() {
		}

	}

	static class AsyncMethod {

		@Async
		@BackgroundJob
		void run() {
		}

		@BackgroundJob
		void other() {
		}

	}

	@Async
	static class AsyncType {

		@BackgroundJob
		void run() {
		}

	}

	static class FinalMethodOnInterface implements Runner {

		@Override
		@BackgroundJob
		public final void run() {
		}

	}

	@BackgroundJob
	static class AnnotatedTypeWithInterface implements Runner {

		@Override
		public void run() {
		}

		void other() {
		}

	}

}
