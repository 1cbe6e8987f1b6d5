package io.github.gracefulshutdown.autoconfigure;

import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.function.SingletonSupplier;

/**
 * The registry with which background jobs are observed.
 *
 * @author The Graceful Shutdown authors
 */
final class JobObservationRegistry {

	private JobObservationRegistry() {
	}

	/**
	 * Return the only registry, or one that does nothing. It is resolved at the first
	 * job: bean post-processors must not create it early.
	 * @param registries the registries of the application
	 * @return supplies the registry
	 */
	static Supplier<ObservationRegistry> from(ObjectProvider<ObservationRegistry> registries) {
		return SingletonSupplier.of(() -> registries.getIfUnique(() -> ObservationRegistry.NOOP));
	}

}
