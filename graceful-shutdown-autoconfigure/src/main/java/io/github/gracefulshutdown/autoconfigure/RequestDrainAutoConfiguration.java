package io.github.gracefulshutdown.autoconfigure;

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
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
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

	@Bean
	RequestWorkload drainRequestWorkload(InFlight inFlight, GracefulShutdownProperties properties,
			ObjectProvider<ConnectorPauser> connectors, ObjectProvider<StreamPredicate> predicate,
			ApplicationEventPublisher events) {
		Streams streams = new Streams(properties.getStreams().isEnd(), properties.getStreams().getQuiet(),
				predicate.getIfAvailable(() -> StreamPredicate.EVENT_STREAMS), events::publishEvent);
		return new RequestWorkload(inFlight, DrainClock.MONOTONIC, properties.getConnector().getLinger(),
				connectors.orderedStream().toList(), properties.getConnector().isPause(), streams);
	}

}
