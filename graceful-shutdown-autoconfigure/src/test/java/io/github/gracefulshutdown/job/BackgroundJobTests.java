package io.github.gracefulshutdown.job;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.github.gracefulshutdown.WorkState;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.scheduling.annotation.Async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link BackgroundJob} on methods that run in the calling thread.
 *
 * @author The Graceful Shutdown authors
 */
class BackgroundJobTests {

	private final ApplicationContextRunner contextRunner = JobApplication.runner();

	@Test
	void isInFlightWhileTheMethodRuns() {
		this.contextRunner.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			assertThat(context.getBean(Jobs.class).call(jobs::getInFlight)).isOne();
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED);
		});
	}

	@Test
	void isDescribedWithNameStateAndThread() {
		this.contextRunner.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			assertThat(context.getBean(Jobs.class).call(() -> jobs.describe(10))).singleElement().satisfies((job) -> {
				assertThat(job.workload()).isEqualTo("jobs");
				assertThat(job.name()).isEqualTo("call");
				assertThat(job.state()).isEqualTo(WorkState.RUNNING);
				assertThat(job.thread()).isEqualTo(Thread.currentThread().getName());
			});
		});
	}

	@Test
	void exceptionIsThrownAndCountedAsFailed() {
		this.contextRunner.run((context) -> {
			IOException failure = new IOException("No network");
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> context.getBean(Jobs.class).call(() -> {
				throw failure;
			})).isSameAs(failure);
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.FAILED);
		});
	}

	@Test
	void cancellationExceptionIsCountedAsCancelled() {
		this.contextRunner.run((context) -> {
			assertThatExceptionOfType(CancellationException.class)
				.isThrownBy(() -> context.getBean(Jobs.class).call(() -> {
					throw new CancellationException("Not needed any more");
				}));
			JobApplication.assertOutcomes(JobApplication.jobs(context), WorkState.CANCELLED);
		});
	}

	@Test
	void jobWithinAJobIsCountedOnItsOwn() {
		this.contextRunner.run((context) -> {
			JobWorkload jobs = JobApplication.jobs(context);
			Jobs bean = context.getBean(Jobs.class);
			assertThat(bean.call(() -> bean.call(jobs::getInFlight))).isEqualTo(2);
			JobApplication.assertOutcomes(jobs, WorkState.COMPLETED, WorkState.COMPLETED);
		});
	}

	@Test
	void methodWithoutAnnotationIsNoJob() {
		this.contextRunner.withBean(OneOfTwo.class).run((context) -> {
			assertThat(context.getBean(OneOfTwo.class).other(() -> JobApplication.namesInFlight(context))).isEmpty();
			assertThat(context.getBean(OneOfTwo.class).job(() -> JobApplication.namesInFlight(context))).hasSize(1);
		});
	}

	@Test
	void beanWithoutAnnotationIsNotProxied() {
		this.contextRunner.run((context) -> {
			assertThat(AopUtils.isAopProxy(context.getBean(Gate.class))).isFalse();
			assertThat(AopUtils.isAopProxy(context.getBean(Jobs.class))).isTrue();
		});
	}

	@Test
	void methodOfAnInterfaceThatOnlyTheProxyImplementsIsAJob() {
		this.contextRunner.withBean(Repository.class, Repository::create)
			.run((context) -> assertThat(
					context.getBean(Repository.class).call(() -> JobApplication.namesInFlight(context)))
				.containsExactly("Repository.call"));
	}

	@Test
	void asynchronousMethodOfAnInterfaceThatOnlyTheProxyImplementsIsAJob() {
		this.contextRunner.withUserConfiguration(JobApplication.AsyncConfiguration.class)
			.withBean(Repository.class, Repository::create)
			.run((context) -> assertThat(context.getBean(Repository.class)
				.submit(() -> JobApplication.namesInFlight(context))
				.get(30, TimeUnit.SECONDS)).containsExactly("submit"));
	}

	interface Repository {

		@BackgroundJob
		List<String> call(Supplier<List<String>> body);

		@Async
		@BackgroundJob("submit")
		CompletableFuture<List<String>> submit(Supplier<List<String>> body);

		// As Spring Data does
		@SuppressWarnings("unchecked")
		static Repository create() {
			ProxyFactory factory = new ProxyFactory(new Object());
			factory.setInterfaces(Repository.class);
			factory.addAdvice((MethodInterceptor) (invocation) -> {
				if (invocation.getMethod().getDeclaringClass() != Repository.class) {
					return invocation.proceed();
				}
				List<String> result = ((Supplier<List<String>>) Objects.requireNonNull(invocation.getArguments()[0]))
					.get();
				return invocation.getMethod().getName().equals("call") ? result
						: CompletableFuture.completedFuture(result);
			});
			return (Repository) factory.getProxy();
		}

	}

	static class OneOfTwo {

		@BackgroundJob
		List<String> job(Supplier<List<String>> body) {
			return body.get();
		}

		List<String> other(Supplier<List<String>> body) {
			return body.get();
		}

	}

}
