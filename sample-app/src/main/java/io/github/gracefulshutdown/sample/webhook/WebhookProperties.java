package io.github.gracefulshutdown.sample.webhook;

import jakarta.validation.constraints.NotBlank;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * {@link ConfigurationProperties @ConfigurationProperties} for the web-hook.
 *
 * @param secret the secret that GitHub signs its web-hooks with
 * @author The Graceful Shutdown authors
 */
@Validated
@ConfigurationProperties("bot.webhook")
record WebhookProperties(@NotBlank(message = "must be the secret of the web-hook in GitHub's settings") String secret) {

	@Override
	public String toString() {
		return "WebhookProperties[secret=***]";
	}

}
