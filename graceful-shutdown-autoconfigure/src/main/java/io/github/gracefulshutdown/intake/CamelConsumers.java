package io.github.gracefulshutdown.intake;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.support.ScheduledPollConsumer;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.core.annotation.AnnotationUtils;

/**
 * Suspends the consumers of Apache Camel, and resumes them. A consumer may wait for its
 * own work, so each is suspended on a thread of its own. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class CamelConsumers {

	private static final Log logger = LogFactory.getLog(CamelConsumers.class);

	private static final Executor THREADS = (code) -> DrainThreads.start("camel", code);

	private static final Set<Category> WITH_CLIENTS = Set.of(Category.HTTP, Category.NETWORKING, Category.REST,
			Category.RPC, Category.WEBSERVICE);

	/**
	 * Endpoints whose socket is that of the web server.
	 */
	private static final Set<String> ON_WEB_SERVER = Set.of("cxf", "cxfrs", "platform-http", "rest", "servlet",
			"spring-ws");

	private final Set<Consumer> suspended = ConcurrentHashMap.newKeySet();

	/**
	 * The last action of each consumer. The next one follows it.
	 */
	private final Map<Consumer, CompletableFuture<Void>> actions = new ConcurrentHashMap<>();

	/**
	 * Return the role of a consumer, by the metadata of its endpoint. Endpoints that are
	 * not remote connect the routes of an application, or are timers.
	 * @param consumer the consumer
	 * @return its role; left to Spring if there is no metadata
	 */
	static LifecycleRole roleOf(Consumer consumer) {
		UriEndpoint endpoint = AnnotationUtils.findAnnotation(consumer.getEndpoint().getClass(), UriEndpoint.class);
		if (endpoint == null) {
			return LifecycleRole.LEFT_TO_SPRING;
		}
		List<Category> categories = Arrays.asList(endpoint.category());
		if (!endpoint.remote()) {
			return categories.contains(Category.SCHEDULING) ? LifecycleRole.INTAKE : LifecycleRole.LEFT_TO_SPRING;
		}
		if (consumer instanceof ScheduledPollConsumer || Collections.disjoint(categories, WITH_CLIENTS)) {
			return LifecycleRole.INTAKE;
		}
		boolean onWebServer = Arrays.stream(endpoint.scheme().split(",")).anyMatch(ON_WEB_SERVER::contains);
		return onWebServer ? LifecycleRole.LEFT_TO_SPRING : LifecycleRole.SERVER;
	}

	void suspend(List<Route> routes, Predicate<LifecycleRole> roles) {
		for (Route route : routes) {
			Consumer consumer = route.getConsumer();
			if (consumer != null && roles.test(roleOf(consumer))) {
				ShutdownRunningTask running = route.getShutdownRunningTask();
				act("suspending", route.getRouteId(), consumer, () -> suspend(consumer, running));
			}
		}
	}

	private void suspend(Consumer consumer, ShutdownRunningTask running) {
		if (!ServiceHelper.isStarted(consumer) || ServiceHelper.isSuspended(consumer)) {
			return;
		}
		// Ends a batch after the message in hand
		boolean needed = consumer instanceof ShutdownAware aware && aware.deferShutdown(running);
		if (!needed) {
			this.suspended.add(consumer);
			ServiceHelper.suspendService(consumer);
		}
	}

	void resume(List<Route> routes) {
		Map<Consumer, String> names = routes.stream()
			.filter((route) -> route.getConsumer() != null)
			.collect(Collectors.toMap(Route::getConsumer, Route::getRouteId, (one, other) -> one));
		names.forEach((consumer, name) -> act("resuming", name, consumer, () -> resume(consumer)));
	}

	private void resume(Consumer consumer) {
		if (this.suspended.remove(consumer)) {
			if (consumer instanceof ShutdownAware aware) {
				aware.prepareShutdown(true, false);
			}
			ServiceHelper.resumeService(consumer);
		}
	}

	private void act(String what, String route, Consumer consumer, Runnable action) {
		Runnable safe = () -> BestEffort.run(logger, "%s route '%s'".formatted(what, route), action::run);
		this.actions.compute(consumer, (key, last) -> (last != null && !last.isDone())
				? last.thenRunAsync(safe, THREADS) : CompletableFuture.runAsync(safe, THREADS));
	}

	/**
	 * Return the number of consumers that are being suspended or resumed.
	 * @return the number, 0 or more
	 */
	long getBusy() {
		return this.actions.values().stream().filter((action) -> !action.isDone()).count();
	}

}
