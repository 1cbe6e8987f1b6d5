package io.github.gracefulshutdown.sample.standin;

import java.nio.file.Path;
import java.time.Duration;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import org.hibernate.validator.constraints.time.DurationMin;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * {@link ConfigurationProperties @ConfigurationProperties} for the stand-in for GitHub.
 *
 * @param enabled whether the stand-in runs beside the application
 * @param port the port it listens on, 0 for any
 * @param latency the time until each answer
 * @param journal the file in which it notes each call
 * @param failEvery every n-th call is answered with 502, none if 0
 * @author The Graceful Shutdown authors
 */
@Validated
@ConfigurationProperties("bot.stand-in")
record StandInProperties(@DefaultValue("true") boolean enabled, @Min(0) @Max(65535) int port,
		@NotNull @DurationMin @DefaultValue("0s") Duration latency, @NotNull Path journal, @Min(0) int failEvery) {

}
