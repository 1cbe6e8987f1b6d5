package io.github.gracefulshutdown.sample.github;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * {@link ConfigurationProperties @ConfigurationProperties} for GitHub.
 *
 * @param baseUrl the URL of GitHub's REST API
 * @param token the token with which the bot calls it
 * @author The Graceful Shutdown authors
 */
@Validated
@ConfigurationProperties("bot.github")
record GitHubProperties(
		@NotNull @Pattern(regexp = "https?://[^/\\s]+.*", message = "must be an http or https URL") String baseUrl,
		@NotBlank(message = "must be an access token for GitHub") String token) {

	@Override
	public String toString() {
		return "GitHubProperties[baseUrl=%s, token=***]".formatted(this.baseUrl);
	}

}
