package io.github.gracefulshutdown.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.github.gracefulshutdown.durable.DurableJobs;
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

	private static final String DURABLE = "--spring.profiles.active=durable";

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
	void withoutTheProfileThereAreNoDurableJobs() {
		try (ConfigurableApplicationContext context = start("secret", "token", "0")) {
			assertThat(context.getBeansOfType(DurableJobs.class)).isEmpty();
		}
	}

	@Test
	void nextStartDoesTheDurableJobsThatAreLeft() throws Exception {
		List<UUID> deliveries = List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
		String file = "--graceful-shutdown.durable.file=" + this.directory.resolve("jobs.db");
		try (ConfigurableApplicationContext context = start("secret", "token", "200ms", DURABLE, file)) {
			deliveries.forEach((delivery) -> send(context, delivery));
		}
		assertThat(journal()).doesNotContain(deliveries.get(2).toString());
		try (ConfigurableApplicationContext context = start("secret", "token", "0", DURABLE, file)) {
			Awaitility.await()
				.untilAsserted(() -> assertThat(journal()).contains(deliveries.stream().map(UUID::toString).toList()));
		}
		assertThat(journal().lines().filter((line) -> line.startsWith("POST"))).hasSize(3);
	}

	@Test
	void durableJobsAreKeptInTheDatabase() {
		UUID delivery = UUID.randomUUID();
		Path database = this.directory.resolve("bot.db");
		try (ConfigurableApplicationContext context = start("secret", "token", "0", DURABLE,
				"--bot.database.url=jdbc:sqlite:%s?journal_mode=WAL&busy_timeout=10000".formatted(database))) {
			assertThat(send(context, delivery).value()).isEqualTo(202);
			Awaitility.await().untilAsserted(() -> assertThat(journal()).contains(delivery.toString()));
		}
		assertThat(database).isNotEmptyFile();
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

	private ConfigurableApplicationContext start(String secret, String token, String latency, String... more) {
		List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--bot.webhook.secret=" + secret,
				"--bot.github.token=" + token, "--bot.stand-in.latency=" + latency,
				"--bot.stand-in.port=" + TestSocketUtils.findAvailableTcpPort(),
				"--bot.stand-in.journal=" + this.directory.resolve("journal")));
		arguments.addAll(List.of(more));
		return SpringApplication.run(SampleApplication.class, arguments.toArray(String[]::new));
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
