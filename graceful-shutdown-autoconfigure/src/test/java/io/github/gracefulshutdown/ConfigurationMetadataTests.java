package io.github.gracefulshutdown;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

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

	private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z.-]+)` \\| `?([^|`]*?)`? ?\\|");

	private final List<JsonNode> properties = read("properties");

	private final List<JsonNode> hints = read("hints");

	@Test
	void thePageListsAllWithTheirDefaults() throws IOException {
		assertThat(rows(Path.of("..", "docs", "properties.md"))).containsExactlyInAnyOrderElementsOf(documented());
	}

	@Test
	void theReadmeListsSomeWithTheirDefaults() throws IOException {
		assertThat(rows(Path.of("..", "README.md"))).isNotEmpty().isSubsetOf(documented());
	}

	private List<String> documented() {
		return this.properties.stream().map((property) -> name(property) + " = " + shownDefault(property)).toList();
	}

	private static List<String> rows(Path page) throws IOException {
		String text = Files.readString(page);
		String section = text.substring(text.indexOf("# Properties"));
		int end = section.indexOf("\n## ");
		return ROW.matcher((end < 0) ? section : section.substring(0, end))
			.results()
			.map((row) -> fullName(row.group(1)) + " = " + row.group(2))
			.toList();
	}

	private static String fullName(String name) {
		return name.startsWith("management.") ? name : "graceful-shutdown." + name;
	}

	private static String shownDefault(JsonNode property) {
		return switch (name(property)) {
			case "graceful-shutdown.grace-period" -> "by platform";
			case "graceful-shutdown.reserve", "graceful-shutdown.cancel-before-deadline" -> "2s";
			default -> property.path("defaultValue").asString("").replaceAll("^0$", "0s").replace('_', '-');
		};
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
					"graceful-shutdown.intake.include", "graceful-shutdown.intake.exclude",
					"graceful-shutdown.durable.enabled", "graceful-shutdown.durable.file");
	}

	@Test
	void editorsSuggestBeanNames() {
		assertThat(this.hints)
			.allSatisfy(
					(hint) -> assertThat(hint.at("/providers/0/name").asString()).isEqualTo("spring-bean-reference"))
			.extracting(ConfigurationMetadataTests::name)
			.containsExactlyInAnyOrder("graceful-shutdown.jobs.exclude", "graceful-shutdown.intake.include",
					"graceful-shutdown.intake.exclude");
	}

	private static String name(JsonNode property) {
		return property.get("name").asString();
	}

	private static String description(JsonNode property) {
		return property.path("description").asString("");
	}

	private static List<JsonNode> read(String section) {
		try {
			Resource classes = new UrlResource(
					GracefulShutdownAutoConfiguration.class.getProtectionDomain().getCodeSource().getLocation());
			Resource metadata = classes.createRelative("META-INF/spring-configuration-metadata.json");
			try (InputStream content = metadata.getInputStream()) {
				return List.copyOf(JsonMapper.shared().readTree(content).get(section).values());
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
