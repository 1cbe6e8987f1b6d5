package io.github.gracefulshutdown.intake;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc.HealthImplBase;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.context.Lifecycle;

/**
 * The health of a gRPC server and its services. At the signal and in standby it is
 * {@code NOT_SERVING}, and clients that watch it hear that at once. The calls are served
 * on. It does not use {@link HealthStatusManager#enterTerminalState}, which cannot be
 * undone, and which Spring Boot calls later. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class GrpcHealthIntake implements Lifecycle {

	private static final Log logger = LogFactory.getLog(GrpcHealthIntake.class);

	private final ListableBeanFactory beanFactory;

	/**
	 * The services that are to serve again after standby.
	 */
	private final Set<String> stopped = new LinkedHashSet<>();

	private volatile boolean notServing;

	/**
	 * Create the intake.
	 * @param beanFactory holds the manager and the services
	 */
	public GrpcHealthIntake(ListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public synchronized void start() {
		if (this.notServing) {
			this.notServing = false;
			managers().forEach(
					(manager) -> this.stopped.forEach((service) -> manager.setStatus(service, ServingStatus.SERVING)));
			this.stopped.clear();
		}
	}

	@Override
	public synchronized void stop() {
		this.notServing = true;
		for (HealthStatusManager manager : managers()) {
			for (String service : services()) {
				if (isServing(manager, service)) {
					manager.setStatus(service, ServingStatus.NOT_SERVING);
					this.stopped.add(service);
				}
			}
		}
	}

	@Override
	public boolean isRunning() {
		return !this.notServing
				&& this.beanFactory.getBeanNamesForType(HealthStatusManager.class, true, false).length > 0;
	}

	private Collection<HealthStatusManager> managers() {
		return this.beanFactory.getBeansOfType(HealthStatusManager.class, true, false).values();
	}

	private Set<String> services() {
		Set<String> services = new LinkedHashSet<>();
		services.add(HealthStatusManager.SERVICE_NAME_ALL_SERVICES);
		for (BindableService service : this.beanFactory.getBeansOfType(BindableService.class, true, false).values()) {
			services.add(service.bindService().getServiceDescriptor().getName());
		}
		return services;
	}

	private static boolean isServing(HealthStatusManager manager, String service) {
		if (!(manager.getHealthService() instanceof HealthImplBase health)) {
			return true;
		}
		Answer answer = new Answer();
		health.check(HealthCheckRequest.newBuilder().setService(service).build(), answer);
		return answer.status.get() == ServingStatus.SERVING;
	}

	/**
	 * The answer of the health service, which it gives on the calling thread.
	 */
	private static final class Answer implements StreamObserver<HealthCheckResponse> {

		private final AtomicReference<@Nullable ServingStatus> status = new AtomicReference<>();

		@Override
		public void onNext(HealthCheckResponse response) {
			this.status.set(response.getStatus());
		}

		@Override
		public void onError(Throwable ex) {
			logger.trace("The service has no health", ex);
		}

		@Override
		public void onCompleted() {
		}

	}

}
