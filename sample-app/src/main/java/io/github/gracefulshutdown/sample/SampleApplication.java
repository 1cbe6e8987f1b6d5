package io.github.gracefulshutdown.sample;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.scheduling.annotation.EnableAsync;

/**
 * A GitHub bot that invites the author of a first merged pull request to the
 * organization, in the background.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableAsync
@EnableResilientMethods
public class SampleApplication {

	public static void main(String[] args) {
		SpringApplication.run(SampleApplication.class, args);
	}

}
