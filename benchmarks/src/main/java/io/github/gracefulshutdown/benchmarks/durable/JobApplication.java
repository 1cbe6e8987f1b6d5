package io.github.gracefulshutdown.benchmarks.durable;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.gracefulshutdown.durable.DurableJob;
import io.github.gracefulshutdown.job.BackgroundJob;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

/**
 * An application with jobs on Spring's executor, or with durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableAsync
class JobApplication {

	static Consumer<Invitation> async(int threads) {
		return start("--graceful-shutdown.enabled=false", poolSize(threads)).getBean(AsyncJobs.class)::invite;
	}

	static Consumer<Invitation> backgroundJob(int threads) {
		return start(poolSize(threads)).getBean(AsyncJobs.class)::inviteInBackground;
	}

	private static String poolSize(int threads) {
		return "--spring.task.execution.pool.core-size=" + threads;
	}

	static Consumer<Invitation> durableJob(String url, int threads) {
		return durable(threads, "--store=" + url, "--graceful-shutdown.durable.initialize-schema=always");
	}

	static Consumer<Invitation> durableJobInFile(String file, int threads) {
		return durable(threads, "--graceful-shutdown.durable.file=" + file);
	}

	private static Consumer<Invitation> durable(int threads, String... arguments) {
		String[] all = Stream
			.concat(Arrays.stream(arguments),
					Stream.of("--graceful-shutdown.durable.enabled=true",
							"--graceful-shutdown.durable.threads=" + threads))
			.toArray(String[]::new);
		return start(all).getBean(DurableJobs.class)::invite;
	}

	private static ConfigurableApplicationContext start(String... arguments) {
		SpringApplication application = new SpringApplication(JobApplication.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		String[] all = Stream
			.concat(Arrays.stream(arguments),
					Stream.of("--logging.level.root=warn", "--spring.main.keep-alive=true",
							"--spring.autoconfigure.exclude=" + ObservationAutoConfiguration.class.getName()))
			.toArray(String[]::new);
		return application.run(all);
	}

	@Bean
	@ConditionalOnProperty("store")
	DataSource dataSource(@Value("${store}") String url) {
		return OtherLibraries.dataSource(url);
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "graceful-shutdown.durable.enabled")
	DurableJobs durableJobs() {
		return new DurableJobs();
	}

	@Bean
	AsyncJobs asyncJobs() {
		return new AsyncJobs();
	}

	/**
	 * Jobs on Spring's executor.
	 */
	static class AsyncJobs {

		@Async
		void invite(Invitation invitation) {
			Jobs.run(invitation);
		}

		@Async
		@BackgroundJob("invite")
		void inviteInBackground(Invitation invitation) {
			Jobs.run(invitation);
		}

	}

	/**
	 * A job in the store.
	 */
	static class DurableJobs {

		@DurableJob("invite")
		void invite(Invitation invitation) {
			Jobs.run(invitation);
		}

	}

}
