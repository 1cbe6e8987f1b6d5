package io.github.gracefulshutdown.benchmarks;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * An application that has the starter only.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class BenchmarkApplication {

	static ConfigurableApplicationContext start(boolean observed) {
		SpringApplication application = new SpringApplication(BenchmarkApplication.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		return application.run("--logging.level.root=warn", "--graceful-shutdown.grace-period=5m",
				"--spring.autoconfigure.exclude=" + (observed ? "" : ObservationAutoConfiguration.class.getName()));
	}

	@Bean
	Target target() {
		return new Target();
	}

}
