package io.github.gracefulshutdown.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.micrometer.core.aop.TimedAspect;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.aopalliance.intercept.MethodInterceptor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import org.springframework.aop.aspectj.annotation.AspectJProxyFactory;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A call of a job's method through its proxy, and calls to compare it with.
 *
 * @author The Graceful Shutdown authors
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CallBenchmark {

	@Benchmark
	public int job(Job job) {
		return job.call();
	}

	@Benchmark
	public int jobThatIsNotObserved(JobThatIsNotObserved job) {
		return job.call();
	}

	@Benchmark
	public int observation(Job job) {
		return job.observe();
	}

	@Benchmark
	public int interceptorThatDoesNothing(Proxies proxies) {
		return proxies.intercepted.plain(1);
	}

	@Benchmark
	public int timedLongTask(Proxies proxies) {
		return proxies.timed.timed(1);
	}

	@Benchmark
	public void longAdder(Proxies proxies) {
		proxies.adder.increment();
	}

	/**
	 * A job in an application that has the starter only.
	 */
	@State(Scope.Benchmark)
	public static class Job {

		private final ConfigurableApplicationContext context;

		private final Target target;

		private final ObservationRegistry observations;

		public Job() {
			this(true);
		}

		Job(boolean observed) {
			this.context = BenchmarkApplication.start(observed);
			this.target = this.context.getBean(Target.class);
			this.observations = this.context.getBeanProvider(ObservationRegistry.class)
				.getIfAvailable(() -> ObservationRegistry.NOOP);
		}

		int call() {
			return this.target.job(1);
		}

		int observe() {
			Observation observation = Observation.createNotStarted("bare", this.observations)
				.lowCardinalityKeyValue("job", "job")
				.start();
			try (Observation.Scope scope = observation.openScope()) {
				return this.target.plain(1);
			}
			finally {
				observation.lowCardinalityKeyValue("outcome", "completed").stop();
			}
		}

		@TearDown
		public void close() {
			this.context.close();
		}

	}

	/**
	 * A job in an application without observations.
	 */
	@State(Scope.Benchmark)
	public static class JobThatIsNotObserved extends Job {

		public JobThatIsNotObserved() {
			super(false);
		}

	}

	/**
	 * Calls to compare a job with.
	 */
	@State(Scope.Benchmark)
	public static class Proxies {

		private Target intercepted = new Target();

		private Target timed = new Target();

		private final LongAdder adder = new LongAdder();

		@Setup
		public void create() {
			ProxyFactory factory = new ProxyFactory(new Target());
			factory.setProxyTargetClass(true);
			factory.addAdvice((MethodInterceptor) (invocation) -> invocation.proceed());
			this.intercepted = (Target) factory.getProxy();
			AspectJProxyFactory timedFactory = new AspectJProxyFactory(new Target());
			timedFactory.setProxyTargetClass(true);
			timedFactory.addAspect(new TimedAspect(new SimpleMeterRegistry()));
			this.timed = timedFactory.getProxy();
		}

	}

}
