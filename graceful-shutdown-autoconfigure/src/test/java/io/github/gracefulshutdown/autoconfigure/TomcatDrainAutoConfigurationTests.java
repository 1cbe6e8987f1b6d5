package io.github.gracefulshutdown.autoconfigure;

import io.github.gracefulshutdown.autoconfigure.TomcatDrainAutoConfiguration.ProtocolRuntimeHints;
import io.github.gracefulshutdown.web.tomcat.BacklogHttp11NioProtocol;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TomcatDrainAutoConfiguration}.
 *
 * @author The Graceful Shutdown authors
 */
class TomcatDrainAutoConfigurationTests {

	@Test
	void inANativeImageTheProtocolCanBeCreatedByName() throws Exception {
		RuntimeHints hints = new RuntimeHints();
		new ProtocolRuntimeHints().registerHints(hints, null);
		assertThat(RuntimeHintsPredicates.reflection()
			.onConstructorInvocation(BacklogHttp11NioProtocol.class.getConstructor())).accepts(hints);
	}

}
