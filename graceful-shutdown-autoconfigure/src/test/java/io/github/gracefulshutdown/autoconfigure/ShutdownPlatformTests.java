package io.github.gracefulshutdown.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ShutdownPlatform} and {@link GracePeriod}.
 *
 * @author The Graceful Shutdown authors
 */
@ExtendWith(OutputCaptureExtension.class)
class ShutdownPlatformTests {

	private static final String ECS_METADATA = "ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/1";

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			DYNO=web.1                                                                 | HEROKU
			VCAP_APPLICATION={}                                                        | CLOUD_FOUNDRY
			VCAP_SERVICES={}                                                           | CLOUD_FOUNDRY
			NOMAD_ALLOC_ID=1                                                           | NOMAD
			FLY_APP_NAME=app                                                           | FLY
			RENDER=true RENDER_SERVICE_ID=1 KUBERNETES_SERVICE_HOST=1                  | RENDER
			RAILWAY_PROJECT_ID=1                                                       | RAILWAY
			WEBSITE_SITE_NAME=site                                                     | AZURE_APP_SERVICE
			CONTAINER_APP_NAME=app KUBERNETES_SERVICE_HOST=1                           | AZURE_CONTAINER_APPS
			AWS_EXECUTION_ENV=AWS_ECS_FARGATE                                          | ECS
			KUBERNETES_SERVICE_HOST=10.0.0.1 KUBERNETES_SERVICE_PORT=443               | KUBERNETES
			K_SERVICE=app                                                              | CLOUD_RUN
			K_SERVICE=knative KUBERNETES_SERVICE_HOST=1                                | KUBERNETES
			RENDER=true                                                                |
			INVOCATION_ID=1                                                            |
			INVOCATION_ID=1 SYSTEMD_EXEC_PID=0                                         |
			PATH=/bin                                                                  |
			""")
	void isRecognisedByItsVariables(String variables, ShutdownPlatform platform) {
		assertThat(ShutdownPlatform.getActive(environment(variables.split(" ")))).isEqualTo(platform);
	}

	@Test
	void ecsIsRecognisedByItsMetadata() {
		assertThat(ShutdownPlatform.getActive(environment(ECS_METADATA))).isEqualTo(ShutdownPlatform.ECS);
	}

	@Test
	void systemdIsRecognisedByTheMainProcessOfAUnit() {
		StandardEnvironment environment = environment("INVOCATION_ID=1",
				"SYSTEMD_EXEC_PID=" + ProcessHandle.current().pid());
		assertThat(ShutdownPlatform.getActive(environment)).isEqualTo(ShutdownPlatform.SYSTEMD);
		assertThat(GracePeriod.of(environment).duration()).hasSeconds(90);
	}

	@ParameterizedTest
	@CsvSource({ "heroku, HEROKU", "aws_ecs, ECS", "none,", "sap," })
	void thePropertyOfSpringBootDecides(String property, ShutdownPlatform platform) {
		assertThat(
				ShutdownPlatform.getActive(environment("spring.main.cloud-platform=" + property, "FLY_APP_NAME=app")))
			.isEqualTo(platform);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					DYNO=web.1                                                         | 30 | default of Heroku, cannot be changed
					K_SERVICE=app                                                      | 10 | default of Cloud Run, cannot be changed
					FLY_APP_NAME=app                                                   | 5  | default of Fly.io, set by kill_timeout
					WEBSITE_SITE_NAME=site                                             | 5  | default of Azure App Service, set by WEBSITES_CONTAINER_STOP_TIME_LIMIT
					WEBSITE_SITE_NAME=site WEBSITES_CONTAINER_STOP_TIME_LIMIT=60       | 60 | WEBSITES_CONTAINER_STOP_TIME_LIMIT of Azure App Service
					RAILWAY_PROJECT_ID=1 RAILWAY_DEPLOYMENT_DRAINING_SECONDS=20        | 20 | RAILWAY_DEPLOYMENT_DRAINING_SECONDS of Railway
					RAILWAY_PROJECT_ID=1 RAILWAY_DEPLOYMENT_DRAINING_SECONDS=many      | 30 | default; Railway gives 0 s, set by RAILWAY_DEPLOYMENT_DRAINING_SECONDS
					PATH=/bin                                                          | 30 | default; Docker and Compose give 10 s, systemd 90 s
					""")
	void theGracePeriodHasASource(String variables, long seconds, String source) {
		GracePeriod gracePeriod = GracePeriod.of(environment(variables.split(" ")));
		assertThat(gracePeriod.duration()).hasSeconds(seconds);
		assertThat(gracePeriod.source()).isEqualTo(source);
	}

	@Test
	void theSourceIsLoggedAtStartUpAndInTheFirstLineOfAShutdown(CapturedOutput output) {
		new ApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.withPropertyValues("spring.main.cloud-platform=none")
			.run((context) -> assertThat(output)
				.contains("Grace period 30.0 s (default; Docker and Compose give 10 s, systemd 90 s)")
				.doesNotContain("Shutting down"));
		assertThat(output).containsPattern("Shutting down \\(.*\\): nothing in flight, .* until the deadline. "
				+ "Grace period 30.0 s \\(default; Docker and Compose give 10 s, systemd 90 s\\)");
	}

	@Test
	void theDocumentationHasAllPlatforms() throws IOException {
		assertThat(Files.readString(Path.of("..", "docs", "platforms.md")))
			.contains(Stream.of(ShutdownPlatform.values())
				.map(ShutdownPlatform::toRow)
				.collect(Collectors.joining("\n", "", "\n")));
	}

	private static StandardEnvironment environment(String... variables) {
		Map<String, Object> values = Arrays.stream(variables)
			.map((variable) -> variable.split("=", 2))
			.collect(Collectors.toMap((variable) -> variable[0], (variable) -> variable[1]));
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, values));
		return environment;
	}

}
