package io.github.gracefulshutdown.intake;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.github.gracefulshutdown.ResumableWorkload;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.Settling;
import io.github.gracefulshutdown.tracking.WorkloadOrder;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.StatefulService;
import org.apache.camel.spi.ShutdownAware;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.annotation.Order;
import org.springframework.util.function.SingletonSupplier;

/**
 * The exchanges of Apache Camel. Consumers that take in work are suspended at the signal
 * and in standby, those with a socket of their own when the web server closes its socket.
 * Routes that are called by other routes, by this application, or by the web server go on
 * until Spring stops the Camel context. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
@Order(WorkloadOrder.EXCHANGES)
public final class CamelWorkload implements ServingWorkload, ResumableWorkload {

	private static final Duration QUIET = Duration.ofMillis(5);

	private final ConfigurableListableBeanFactory beanFactory;

	private final SingletonSupplier<List<String>> names;

	private final CamelConsumers consumers = new CamelConsumers();

	private final Settling settling;

	private final LongSupplier admitted;

	private volatile boolean stopping;

	/**
	 * Create a workload.
	 * @param inFlight where the application's tracked work is counted
	 * @param beanFactory holds the Camel contexts, which are looked for when they exist
	 * @param excluded decides by its name whether a Camel context is left alone
	 * @param clock the monotonic clock, in nanoseconds
	 */
	public CamelWorkload(InFlight inFlight, ConfigurableListableBeanFactory beanFactory, Predicate<String> excluded,
			LongSupplier clock) {
		this.beanFactory = beanFactory;
		this.names = SingletonSupplier
			.of(() -> Stream.of(beanFactory.getBeanNamesForType(CamelContext.class, true, false))
				.filter(excluded.negate())
				.toList());
		this.admitted = inFlight::getAdmitted;
		this.settling = new Settling(QUIET, clock);
	}

	private List<CamelContext> contexts() {
		return this.names.obtain()
			.stream()
			.filter(this.beanFactory::containsSingleton)
			.map((name) -> this.beanFactory.getBean(name, CamelContext.class))
			.toList();
	}

	private List<Route> routes() {
		return contexts().stream().flatMap((context) -> context.getRoutes().stream()).toList();
	}

	@Override
	public String getName() {
		return "exchanges";
	}

	@Override
	public long getInFlight() {
		long inFlight = this.consumers.getBusy();
		for (CamelContext context : contexts()) {
			inFlight += context.getInflightRepository().size();
			for (Route route : context.getRoutes()) {
				inFlight += getQueued(route);
			}
		}
		return Math.max(0, inFlight);
	}

	// Those in the queue of a route. Only once the application stops: a queue that is
	// purged at the end is purged by this question. Nobody takes from the queue of a
	// route
	// that is not started
	private int getQueued(Route route) {
		return (this.stopping && route.getConsumer() instanceof ShutdownAware aware && isStarted(aware))
				? aware.getPendingExchangesSize() : 0;
	}

	private static boolean isStarted(Object consumer) {
		return !(consumer instanceof StatefulService service) || !service.isStopped();
	}

	/**
	 * A message on its way from a queue to its route is invisible, so there are two
	 * looks.
	 */
	@Override
	public boolean isIdle() {
		return contexts().isEmpty() || this.settling.look(getInFlight() == 0, this.admitted.getAsLong());
	}

	@Override
	public boolean enterLameDuck() {
		List<Route> routes = routes();
		this.consumers.suspend(routes, LifecycleRole.INTAKE::equals);
		return routes.stream()
			.map(Route::getConsumer)
			.filter(Objects::nonNull)
			.anyMatch((consumer) -> CamelConsumers.roleOf(consumer) == LifecycleRole.SERVER);
	}

	@Override
	public void stopAccepting() {
		this.stopping = true;
		this.consumers.suspend(routes(), (role) -> role == LifecycleRole.INTAKE || role == LifecycleRole.SERVER);
	}

	@Override
	public void resumeAccepting() {
		this.consumers.resume(routes());
	}

	@Override
	public List<WorkSnapshot> abandon() {
		return describe(Integer.MAX_VALUE);
	}

	/**
	 * Named by route. An exchange may be in several routes, so there may be more names
	 * than exchanges, which are left out.
	 */
	@Override
	public List<WorkSnapshot> describe(int limit) {
		return contexts().stream()
			.flatMap((context) -> context.getRoutes().stream().flatMap((route) -> describe(context, route)))
			.limit(Math.min(limit, getInFlight()))
			.toList();
	}

	private Stream<WorkSnapshot> describe(CamelContext context, Route route) {
		int running = context.getInflightRepository().size(route.getRouteId());
		return Stream.concat(snapshots(route, WorkState.RUNNING, running),
				snapshots(route, WorkState.QUEUED, getQueued(route)));
	}

	private Stream<WorkSnapshot> snapshots(Route route, WorkState state, int number) {
		return Collections
			.nCopies(Math.max(0, number),
					new WorkSnapshot(getName(), route.getRouteId(), state, Duration.ZERO, null, List.of()))
			.stream();
	}

}
