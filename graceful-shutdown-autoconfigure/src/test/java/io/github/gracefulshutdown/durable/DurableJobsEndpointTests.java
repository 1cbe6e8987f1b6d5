package io.github.gracefulshutdown.durable;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;

import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the endpoint of durable jobs.
 *
 * @author The Graceful Shutdown authors
 */
class DurableJobsEndpointTests {

	private final String url = "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID());

	private final HttpClient client = HttpClient.newHttpClient();

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void jobsAreShownRetriedAndDiscarded(WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext context = DurableApplication.start(WebApplication.class, this.url,
				"spring.main.web-application-type=" + type, "server.port=0",
				"management.endpoints.web.exposure.include=durablejobs",
				"management.endpoint.durablejobs.access=unrestricted",
				"spring.autoconfigure.exclude=org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration")) {
			Jobs jobs = DurableApplication.jobs(context);
			JdbcTemplate jdbc = DurableApplication.jdbc(context);
			DurableApplication.store(jdbc, "unknown", "[\"secret\"]");
			DurableApplication.store(jdbc, "order", "[\"secret\"]", "PARKED", null, 0);
			DurableJobs durable = context.getBean(DurableJobs.class);
			jobs.fail(1);
			JobId dead = durable.enqueue("fatal", "line one\nline two");
			DurableJobTests.await().until(() -> !durable.list(DurableJobState.DEAD, 1).isEmpty());
			JobId running = durable.enqueue("gated", "1");
			DurableApplication.gate(context).awaitArrivals(1);

			assertThat(send(context, "GET", "").body()).contains("\"gated\":{\"RUNNING\":1}")
				.contains("\"unknown\":{\"QUEUED\":1}", "\"unknown\":[\"unknown\"]", "\"id\":\"id-unknown0\"")
				.contains("\"id\":\"" + dead, "\"id\":\"" + running, "\"id\":\"id-order0\"")
				.contains("failed line one\"")
				.contains("\"instance\":\"" + durable.find(running).orElseThrow().instance())
				.doesNotContain("line two", "secret");
			assertThat(send(context, "GET", "/" + dead).body()).contains("\"state\":\"DEAD\"", "line two");

			assertThat(send(context, "POST", "/" + dead).statusCode()).isEqualTo(204);
			DurableJobTests.await().untilAsserted(() -> assertThat(jobs.done()).contains("line one\nline two"));
			DurableJobTests.await().until(() -> durable.find(dead).isEmpty());
			assertThat(send(context, "POST", "/" + dead).statusCode()).isEqualTo(404);
			assertThat(send(context, "POST", "/" + running).statusCode()).isEqualTo(409);
			assertThat(send(context, "DELETE", "/" + running).statusCode()).isEqualTo(409);
			assertThat(send(context, "POST", "/id-unknown0").statusCode()).as("another instance may know its name")
				.isEqualTo(204);
			assertThat(send(context, "GET", "/id-unknown0").body()).contains("\"state\":\"QUEUED\"");
			assertThat(send(context, "DELETE", "/id-unknown0").statusCode()).isEqualTo(204);
			assertThat(send(context, "GET", "").body()).contains("\"queued\":[]").doesNotContain("id-unknown0");
			assertThat(send(context, "DELETE", "/id-order0").statusCode()).isEqualTo(204);
			assertThat(send(context, "DELETE", "/id-order0").statusCode()).isEqualTo(404);
			assertThat(send(context, "GET", "/id-order0").statusCode()).isEqualTo(404);
			DurableApplication.gate(context).open();
		}
	}

	private HttpResponse<String> send(ConfigurableApplicationContext context, String method, String path)
			throws IOException, InterruptedException {
		String port = context.getEnvironment().getProperty("local.server.port");
		return this.client
			.send(HttpRequest.newBuilder(URI.create("http://localhost:%s/actuator/durablejobs%s".formatted(port, path)))
				.method(method, HttpRequest.BodyPublishers.noBody())
				.build(), HttpResponse.BodyHandlers.ofString());
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(DurableApplication.class)
	static class WebApplication {

	}

}
