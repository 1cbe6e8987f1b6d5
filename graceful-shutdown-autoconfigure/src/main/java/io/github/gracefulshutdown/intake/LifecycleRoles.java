package io.github.gracefulshutdown.intake;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.context.Lifecycle;
import org.springframework.context.Phased;
import org.springframework.context.SmartLifecycle;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Knows the role of each lifecycle. Sources of messages are intake, whatever their phase:
 * the phase says in which order Spring closes, and not who takes in work. Types are
 * compared by name, to avoid optional dependencies. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class LifecycleRoles {

	/**
	 * The phase in which Boot stops the web server gracefully.
	 */
	private static final int WEB_SERVER_PHASE = SmartLifecycle.DEFAULT_PHASE - 1024;

	/**
	 * How the names of listener containers and their registries end, in Spring's
	 * messaging projects and in those that follow them.
	 */
	private static final Set<String> INTAKE_SUFFIXES = Set.of("ListenerContainer", "ListenerContainerRegistry",
			"ListenerEndpointRegistry", "ReaderContainer", "ReaderEndpointRegistry");

	private static final Set<String> INTAKES = Set.of("org.springframework.cloud.stream.binding.InputBindingLifecycle",
			"org.springframework.integration.amqp.inbound.AmqpInboundGateway",
			"org.springframework.integration.config.SourcePollingChannelAdapterFactoryBean",
			"org.springframework.integration.endpoint.MessageProducerSupport",
			"org.springframework.integration.endpoint.SourcePollingChannelAdapter",
			"org.springframework.integration.jms.JmsInboundGateway",
			"org.springframework.integration.kafka.inbound.KafkaInboundGateway");

	private static final Set<String> SERVERS = Set.of("org.springframework.boot.rsocket.context.RSocketServerBootstrap",
			"org.springframework.grpc.server.lifecycle.GrpcServerLifecycle",
			"org.springframework.web.socket.server.support.WebSocketHandlerMapping");

	/**
	 * Stores that are read, executors, leadership, connections to other servers, and all
	 * that receives from this application or from open connections: endpoints of Spring
	 * Integration, and the handlers of STOMP.
	 */
	private static final Set<String> LEFT_TO_SPRING = Set.of(
			"org.springframework.cloud.stream.binder.kafka.streams.StreamsBuilderFactoryManager",
			"org.springframework.integration.event.inbound.ApplicationEventListeningMessageProducer",
			"org.springframework.integration.hazelcast.leader.LeaderInitiator",
			"org.springframework.integration.ip.AbstractInternetProtocolReceivingChannelAdapter",
			"org.springframework.integration.ip.tcp.TcpReceivingChannelAdapter",
			"org.springframework.integration.support.leader.LockRegistryLeaderInitiator",
			"org.springframework.integration.syslog.inbound.SyslogReceivingChannelAdapterSupport",
			"org.springframework.integration.websocket.inbound.WebSocketInboundChannelAdapter",
			"org.springframework.integration.zookeeper.leader.LeaderInitiator",
			"org.springframework.kafka.config.StreamsBuilderFactoryBean",
			"org.springframework.messaging.simp.annotation.support.SimpAnnotationMethodMessageHandler",
			"org.springframework.messaging.simp.broker.AbstractBrokerMessageHandler",
			"org.springframework.messaging.simp.user.UserDestinationMessageHandler",
			"org.springframework.scheduling.concurrent.ExecutorConfigurationSupport",
			"org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler",
			"org.springframework.web.socket.client.ConnectionManagerSupport",
			"org.springframework.web.socket.messaging.SubProtocolWebSocketHandler",
			"org.springframework.web.socket.messaging.WebSocketStompClient");

	/**
	 * Clients that listen to the replies to their requests.
	 */
	private static final Set<String> REPLY_LISTENERS = Set.of("org.springframework.amqp.rabbit.AsyncRabbitTemplate",
			"org.springframework.amqp.rabbit.core.RabbitTemplate",
			"org.springframework.kafka.requestreply.ReplyingKafkaTemplate");

	private final Predicate<String> included;

	private final Predicate<String> excluded;

	/**
	 * Create the roles.
	 * @param included decides by its name whether a lifecycle is intake, whatever its
	 * type
	 * @param excluded decides by its name whether a lifecycle is left to Spring; wins
	 * over {@code included}
	 */
	public LifecycleRoles(Predicate<String> included, Predicate<String> excluded) {
		this.included = included;
		this.excluded = excluded;
	}

	LifecycleRole of(String name, Lifecycle lifecycle) {
		if (this.excluded.test(name)) {
			return LifecycleRole.LEFT_TO_SPRING;
		}
		if (this.included.test(name)) {
			return LifecycleRole.INTAKE;
		}
		if (isA(lifecycle, LEFT_TO_SPRING) || isA(lifecycle, REPLY_LISTENERS)) {
			return LifecycleRole.LEFT_TO_SPRING;
		}
		if (isA(lifecycle, INTAKES) || isContainerOrRegistry(lifecycle)) {
			return receivesReplies(lifecycle) ? LifecycleRole.LEFT_TO_SPRING : LifecycleRole.INTAKE;
		}
		if (isA(lifecycle, SERVERS)) {
			return LifecycleRole.SERVER;
		}
		boolean stoppedBeforeWebServer = lifecycle instanceof SmartLifecycle && phaseOf(lifecycle) > WEB_SERVER_PHASE;
		return stoppedBeforeWebServer ? LifecycleRole.UNKNOWN : LifecycleRole.LEFT_TO_SPRING;
	}

	static int phaseOf(Lifecycle lifecycle) {
		return (lifecycle instanceof Phased phased) ? phased.getPhase() : 0;
	}

	private static boolean isContainerOrRegistry(Lifecycle lifecycle) {
		return matches(lifecycle, (type) -> INTAKE_SUFFIXES.stream().anyMatch(type.getSimpleName()::endsWith));
	}

	private static boolean receivesReplies(Lifecycle container) {
		Object listener = get(container, "getMessageListener");
		if (listener == null) {
			Object properties = get(container, "getContainerProperties");
			listener = (properties != null) ? get(properties, "getMessageListener") : null;
		}
		return listener != null && isA(listener, REPLY_LISTENERS);
	}

	private static @Nullable Object get(Object target, String getter) {
		Method method = ClassUtils.getMethodIfAvailable(target.getClass(), getter);
		return (method != null) ? ReflectionUtils
			.invokeMethod(ClassUtils.getPubliclyAccessibleMethodIfPossible(method, target.getClass()), target) : null;
	}

	private static boolean isA(Object object, Set<String> names) {
		return matches(object, (type) -> names.contains(type.getName()));
	}

	private static boolean matches(Object object, Predicate<Class<?>> test) {
		for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
			if (test.test(type)) {
				return true;
			}
		}
		return ClassUtils.getAllInterfacesAsSet(object).stream().anyMatch(test);
	}

}
