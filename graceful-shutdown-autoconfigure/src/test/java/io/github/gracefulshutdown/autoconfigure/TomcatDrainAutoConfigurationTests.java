package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.autoconfigure.TomcatDrainAutoConfiguration.ProtocolRuntimeHints;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.tomcat.BacklogHttp11NioProtocol;
import io.github.gracefulshutdown.web.tomcat.TomcatConnectorPauser;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.TomcatContextCustomizer;
import org.springframework.boot.tomcat.TomcatWebServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TomcatDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class TomcatDrainAutoConfigurationTests {

	private final WebApplicationContextRunner contextRunner = new WebApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations());

	@Test
	void pausesConnectors() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(TomcatConnectorPauser.class)
			.hasSingleBean(TomcatContextCustomizer.class));
		new ReactiveWebApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).hasSingleBean(TomcatConnectorPauser.class));
	}

	@ParameterizedTest
	@ValueSource(classes = { Tomcat.class, TomcatWebServer.class })
	void backsOffWithoutTomcatAndWithoutBootsSupportForIt(Class<?> missing) {
		this.contextRunner.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasSingleBean(RequestWorkload.class)
				.doesNotHaveBean(TomcatConnectorPauser.class)
				.doesNotHaveBean(TomcatContextCustomizer.class));
	}

	@Test
	void backsOffWhenTheShutdownIsDisabled() {
		this.contextRunner.withPropertyValues("graceful-shutdown.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(TomcatConnectorPauser.class)
				.doesNotHaveBean(TomcatContextCustomizer.class));
	}

	@Test
	void backsOffWithoutAWebApplication() {
		new ApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).doesNotHaveBean(TomcatConnectorPauser.class));
	}

	@Test
	void inANativeImageTheProtocolCanBeCreatedByName() throws Exception {
		RuntimeHints hints = new RuntimeHints();
		new ProtocolRuntimeHints().registerHints(hints, null);
		assertThat(RuntimeHintsPredicates.reflection()
			.onConstructorInvocation(BacklogHttp11NioProtocol.class.getConstructor())).accepts(hints);
	}

}
