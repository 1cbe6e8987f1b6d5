package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.job.BackgroundJob;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.JobWorkload;
import io.github.gracefulshutdown.job.PublisherTracker;
import io.github.gracefulshutdown.job.ReactiveBackgroundJobs;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ReactiveBackgroundJobAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class ReactiveBackgroundJobAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void tracksSubscriptions() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(ReactiveBackgroundJobs.class)
			.hasSingleBean(PublisherTracker.class));
	}

	@Test
	void backsOffWithoutReactor() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("reactor.", "org.reactivestreams."))
			.run((context) -> assertThat(context).hasSingleBean(BackgroundJobs.class)
				.doesNotHaveBean(ReactiveBackgroundJobs.class)
				.doesNotHaveBean(PublisherTracker.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ReactiveBackgroundJobs.class)
				.doesNotHaveBean(PublisherTracker.class));
	}

	@Test
	void applicationCanDefineItsOwnReactiveBackgroundJobs() {
		this.contextRunner.withBean("own", UntrackedJobs.class).withBean(Letters.class).run((context) -> {
			assertThat(context).getBean(ReactiveBackgroundJobs.class).isSameAs(context.getBean("own"));
			context.getBean(Letters.class).send().block();
			assertThat(context.getBean(JobWorkload.class).getCount(WorkState.COMPLETED)).isOne();
		});
	}

	@Test
	void childContextDoesNotUseTheReactiveBackgroundJobsOfItsParent() {
		this.contextRunner.run((parent) -> this.contextRunner.withParent(parent)
			.run((child) -> assertThat(child.getBean(ReactiveBackgroundJobs.class))
				.isNotSameAs(parent.getBean(ReactiveBackgroundJobs.class))));
	}

	static class UntrackedJobs implements ReactiveBackgroundJobs {

		@Override
		public <T> Mono<T> track(String name, Mono<T> mono) {
			return mono;
		}

		@Override
		public <T> Flux<T> track(String name, Flux<T> flux) {
			return flux;
		}

	}

	static class Letters {

		@BackgroundJob
		Mono<String> send() {
			return Mono.just("sent");
		}

	}

}
