package io.github.gracefulshutdown.intake;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.IntakeDrainAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.ShadedNettyGrpcServerFactory;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The drain of a real gRPC server, as Boot 4.1 configures it.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class GrpcServerDrainTests {

	private static final MethodDescriptor<String, String> ECHO = MethodDescriptor.<String, String>newBuilder()
		.setType(MethodType.UNARY)
		.setFullMethodName("test.Echo/echo")
		.setRequestMarshaller(new StringMarshaller())
		.setResponseMarshaller(new StringMarshaller())
		.build();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ApplicationAvailabilityAutoConfiguration.class, LifecycleAutoConfiguration.class,
						GracefulShutdownAutoConfiguration.class, IntakeDrainAutoConfiguration.class))
		.withUserConfiguration(GrpcConfiguration.class);

	private final ManagedChannel[] channels = new ManagedChannel[2];

	@AfterEach
	void closeChannels() {
		for (ManagedChannel channel : this.channels) {
			if (channel != null) {
				channel.shutdownNow();
			}
		}
	}

	@Test
	void aCallInFlightIsAnsweredAndNoOtherIsTaken() {
		this.contextRunner.run((context) -> {
			int port = context.getBean(GrpcServerLifecycle.class).getPort();
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			Gate gate = context.getBean(Gate.class);
			Future<String> answer = call(0, port, "hello");
			gate.awaitArrivals(1);
			Thread closing = new Thread(context::close);
			closing.start();
			await().until(() -> shutdown.inFlight() == 1);
			await().untilAsserted(() -> assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> ClientCalls.blockingUnaryCall(channel(1, port), ECHO,
						CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS), "more"))
				.extracting((ex) -> ex.getStatus().getCode())
				.isEqualTo(Status.Code.UNAVAILABLE));
			assertThat(shutdown.state()).isEqualTo(DrainState.DRAINING);
			gate.open();
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("hello");
			closing.join();
			assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
			assertThat(gate.getInterrupts()).isZero();
		});
	}

	@Test
	void theHealthIsNotServingFromTheSignalOnAndWatchersHearItWhileCallsAreServed() {
		this.contextRunner.withPropertyValues("graceful-shutdown.delay=2s").run((context) -> {
			int port = context.getBean(GrpcServerLifecycle.class).getPort();
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			List<ServingStatus> server = watch(port, HealthStatusManager.SERVICE_NAME_ALL_SERVICES);
			List<ServingStatus> echo = watch(port, "test.Echo");
			List<ServingStatus> other = watch(port, "other");
			await().until(() -> server.size() + echo.size() + other.size() == 3);
			context.getBean(Gate.class).open();
			shutdown.standBy("test");
			await().until(() -> echo.size() == 2 && server.size() == 2);
			assertThat(call(1, port, "hello").get(30, TimeUnit.SECONDS)).isEqualTo("hello");
			shutdown.resume();
			await().until(() -> echo.size() == 3 && server.size() == 3);
			Thread closing = new Thread(context::close);
			closing.start();
			await().until(() -> echo.size() == 4 && server.size() == 4);
			assertThat(call(1, port, "hello").get(30, TimeUnit.SECONDS)).isEqualTo("hello");
			assertThat(echo).isEqualTo(server)
				.containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING, ServingStatus.SERVING,
						ServingStatus.NOT_SERVING);
			assertThat(other).containsExactly(ServingStatus.SERVICE_UNKNOWN);
			this.channels[0].shutdownNow();
			closing.join();
			assertThat(shutdown.state()).isEqualTo(DrainState.DRAINED);
		});
	}

	private List<ServingStatus> watch(int port, String service) {
		List<ServingStatus> statuses = new CopyOnWriteArrayList<>();
		ClientCalls.asyncServerStreamingCall(channel(0, port).newCall(HealthGrpc.getWatchMethod(), CallOptions.DEFAULT),
				HealthCheckRequest.newBuilder().setService(service).build(), new StreamObserver<>() {

					@Override
					public void onNext(HealthCheckResponse response) {
						statuses.add(response.getStatus());
					}

					@Override
					public void onError(Throwable ex) {
					}

					@Override
					public void onCompleted() {
					}

				});
		return statuses;
	}

	private Future<String> call(int channel, int port, String request) {
		return ClientCalls.futureUnaryCall(channel(channel, port).newCall(ECHO, CallOptions.DEFAULT), request);
	}

	private ManagedChannel channel(int number, int port) {
		if (this.channels[number] == null) {
			this.channels[number] = Grpc
				.newChannelBuilderForAddress("localhost", port, InsecureChannelCredentials.create())
				.build();
		}
		return this.channels[number];
	}

	@Configuration(proxyBeanMethods = false)
	static class GrpcConfiguration {

		@Bean
		HealthStatusManager healthStatusManager() {
			return new HealthStatusManager();
		}

		@Bean
		BindableService echo(Gate gate, HealthStatusManager health) {
			health.setStatus("test.Echo", ServingStatus.SERVING);
			return () -> ServerServiceDefinition.builder("test.Echo")
				.addMethod(ECHO, ServerCalls.asyncUnaryCall((request, answer) -> {
					gate.passStubbornly();
					answer.onNext(request);
					answer.onCompleted();
				}))
				.build();
		}

		@Bean
		Gate gate() {
			return new Gate();
		}

		@Bean
		GrpcServerLifecycle grpcServerLifecycle(BindableService echo, HealthStatusManager health,
				ApplicationEventPublisher events) {
			ShadedNettyGrpcServerFactory factory = new ShadedNettyGrpcServerFactory("localhost:0", List.of(), null,
					null, null);
			factory.addService(echo.bindService());
			factory.addService(health.getHealthService().bindService());
			return new GrpcServerLifecycle(factory, Duration.ofSeconds(30), events);
		}

	}

	private static final class StringMarshaller implements MethodDescriptor.Marshaller<String> {

		@Override
		public InputStream stream(String value) {
			return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
		}

		@Override
		public String parse(InputStream stream) {
			try {
				return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
