package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.web.ConnectorPauser;
import io.github.gracefulshutdown.web.RequestWorkload;
import io.github.gracefulshutdown.web.StreamPredicate;
import io.github.gracefulshutdown.web.Streams;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the drain of requests.
 *
 * @author The Graceful Shutdown authors
 */
@AutoConfiguration(after = GracefulShutdownAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "graceful-shutdown.enabled", matchIfMissing = true)
@ConditionalOnClass(MediaType.class)
@ConditionalOnWebApplication
public final class RequestDrainAutoConfiguration {

	private static final String LINGER = "graceful-shutdown.connector.linger";

	/**
	 * A property of the environment of each {@code @SpringBootTest}.
	 */
	private static final String SPRING_BOOT_TEST = "org.springframework.boot.test.context.SpringBootTestContextBootstrapper";

	@Bean
	RequestWorkload drainRequestWorkload(InFlight inFlight, GracefulShutdownProperties properties,
			ObjectProvider<ConnectorPauser> connectors, ObjectProvider<StreamPredicate> predicate,
			ApplicationEventPublisher events, Environment environment) {
		Streams streams = new Streams(properties.getStreams().isEnd(), properties.getStreams().getQuiet(),
				predicate.getIfAvailable(() -> StreamPredicate.EVENT_STREAMS), events::publishEvent);
		return new RequestWorkload(inFlight, DrainClock.MONOTONIC, linger(properties, environment),
				connectors.orderedStream().toList(), properties.getConnector().isPause(), streams);
	}

	// The clients of a test are done with it
	private static Duration linger(GracefulShutdownProperties properties, Environment environment) {
		boolean configured = Binder.get(environment).bind(LINGER, String.class).isBound();
		return (!configured && environment.containsProperty(SPRING_BOOT_TEST)) ? Duration.ZERO
				: properties.getConnector().getLinger();
	}

}
