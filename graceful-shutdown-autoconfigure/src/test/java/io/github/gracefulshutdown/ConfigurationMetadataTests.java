package io.github.gracefulshutdown;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.io.Resource;
import org.springframework.core.io.UrlResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the configuration metadata, which editors show.
 *
 * @author The Graceful Shutdown authors
 */
class ConfigurationMetadataTests {

	private final List<JsonNode> properties = read();

	@Test
	void allPropertiesAreListedHere() {
		assertThat(this.properties).extracting(ConfigurationMetadataTests::name)
			.containsExactlyInAnyOrder("graceful-shutdown.enabled", "graceful-shutdown.grace-period",
					"graceful-shutdown.reserve", "graceful-shutdown.delay", "graceful-shutdown.cancel-before-deadline",
					"graceful-shutdown.progress-interval", "graceful-shutdown.connector.pause",
					"graceful-shutdown.connector.linger", "graceful-shutdown.streams.end",
					"graceful-shutdown.jobs.track-async", "graceful-shutdown.jobs.track-scheduled",
					"graceful-shutdown.jobs.exclude", "graceful-shutdown.intake.stop",
					"graceful-shutdown.intake.exclude", "management.endpoint.drain.access",
					"management.endpoint.drain.cache.time-to-live", "management.health.drain.enabled");
	}

	@Test
	void allAreDescribedByASentence() {
		assertThat(this.properties).allSatisfy((property) -> assertThat(description(property)).as(name(property))
			.matches("[A-Z0-9][^\\n]+\\.")
			.doesNotStartWith("The ")
			.doesNotStartWith("A ")
			.doesNotStartWith("An "));
	}

	@Test
	void booleansAreDescribedByWhether() {
		assertThat(this.properties)
			.allSatisfy((property) -> assertThat(description(property).startsWith("Whether ")).as(name(property))
				.isEqualTo(property.get("type").asString().equals("java.lang.Boolean")));
	}

	@Test
	void defaultsThatDoNotDependOnOthersAreShown() {
		assertThat(this.properties).filteredOn((property) -> !property.has("defaultValue"))
			.extracting(ConfigurationMetadataTests::name)
			.containsExactlyInAnyOrder("graceful-shutdown.grace-period", "graceful-shutdown.reserve",
					"graceful-shutdown.cancel-before-deadline", "graceful-shutdown.jobs.exclude",
					"graceful-shutdown.intake.exclude");
	}

	private static String name(JsonNode property) {
		return property.get("name").asString();
	}

	private static String description(JsonNode property) {
		return property.path("description").asString("");
	}

	private static List<JsonNode> read() {
		try {
			Resource classes = new UrlResource(
					GracefulShutdownAutoConfiguration.class.getProtectionDomain().getCodeSource().getLocation());
			Resource metadata = classes.createRelative("META-INF/spring-configuration-metadata.json");
			try (InputStream content = metadata.getInputStream()) {
				return List.copyOf(JsonMapper.shared().readTree(content).get("properties").values());
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
