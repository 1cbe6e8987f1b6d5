package io.github.gracefulshutdown.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

import io.github.gracefulshutdown.sample.webhook.Payloads;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.test.util.TestSocketUtils;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for the {@link SampleApplication} as a whole.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class SampleApplicationTests {

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@Test
	void contributorIsInvitedInTheBackground(CapturedOutput output) {
		UUID delivery = UUID.randomUUID();
		try (ConfigurableApplicationContext context = start("secret", "the-token", "0")) {
			assertThat(send(context, delivery).value()).isEqualTo(202);
			Awaitility.await().untilAsserted(() -> assertThat(journal()).contains(delivery.toString()));
		}
		assertThat(output).contains("Delivery %s: invited first-timer".formatted(delivery));
		assertThat(output).doesNotContain("the-token");
	}

	@Test
	void closingTheApplicationWaitsForQueuedJobs() throws Exception {
		List<UUID> deliveries = List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
		try (ConfigurableApplicationContext context = start("secret", "token", "200ms")) {
			deliveries.forEach((delivery) -> send(context, delivery));
			assertThat(journal()).doesNotContain(deliveries.get(1).toString());
		}
		assertThat(journal()).contains(deliveries.stream().map(UUID::toString).toList());
	}

	@Test
	void stateOfTheDrainIsExposed() {
		try (ConfigurableApplicationContext context = start("secret", "token", "0")) {
			assertThat(client(context).get().uri("/actuator/drain").retrieve().body(String.class))
				.contains("\"state\":\"RUNNING\"");
		}
	}

	@Test
	void missingSecretIsNamed(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start("", "token", "0"));
		assertThat(output).contains("bot.webhook.secret", "must be the secret of the web-hook in GitHub's settings");
	}

	@Test
	void missingTokenIsNamed(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start("secret", "", "0"));
		assertThat(output).contains("bot.github.token", "must be an access token for GitHub");
	}

	private ConfigurableApplicationContext start(String secret, String token, String latency) {
		return SpringApplication.run(SampleApplication.class, "--server.port=0", "--bot.webhook.secret=" + secret,
				"--bot.github.token=" + token, "--bot.stand-in.latency=" + latency,
				"--bot.stand-in.port=" + TestSocketUtils.findAvailableTcpPort(),
				"--bot.stand-in.journal=" + this.directory.resolve("journal"));
	}

	private HttpStatusCode send(ConfigurableApplicationContext context, UUID delivery) {
		return client(context).post()
			.uri("/webhook")
			.contentType(MediaType.APPLICATION_JSON)
			.header("X-GitHub-Event", "pull_request")
			.header("X-GitHub-Delivery", delivery.toString())
			.header("X-Hub-Signature-256", Payloads.sign("secret", Payloads.mergedFirst()))
			.body(Payloads.mergedFirst())
			.retrieve()
			.toBodilessEntity()
			.getStatusCode();
	}

	private RestClient client(ConfigurableApplicationContext context) {
		return RestClient
			.create("http://localhost:" + context.getEnvironment().getRequiredProperty("local.server.port"));
	}

	private String journal() throws Exception {
		return Files.readString(this.directory.resolve("journal"));
	}

}
