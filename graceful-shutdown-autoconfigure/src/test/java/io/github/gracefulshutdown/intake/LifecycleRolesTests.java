package io.github.gracefulshutdown.intake;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.rsocket.context.RSocketServerBootstrap;
import org.springframework.boot.rsocket.server.RSocketServerFactory;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;
import org.springframework.data.redis.stream.StreamMessageListenerContainer;
import org.springframework.integration.config.SourcePollingChannelAdapterFactoryBean;
import org.springframework.integration.endpoint.MessageProducerSupport;
import org.springframework.integration.endpoint.SourcePollingChannelAdapter;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;
import org.springframework.messaging.SubscribableChannel;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.simp.broker.SimpleBrokerMessageHandler;
import org.springframework.messaging.support.ExecutorSubscribableChannel;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.web.socket.client.WebSocketConnectionManager;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.handler.TextWebSocketHandler;
import org.springframework.web.socket.messaging.SubProtocolWebSocketHandler;
import org.springframework.web.socket.messaging.WebSocketAnnotationMethodMessageHandler;
import org.springframework.web.socket.messaging.WebSocketStompClient;
import org.springframework.web.socket.server.support.WebSocketHandlerMapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link LifecycleRoles}.
 *
 * @author The Graceful Shutdown authors
 */
class LifecycleRolesTests {

	private final LifecycleRoles roles = new LifecycleRoles((name) -> name.startsWith("in"),
			(name) -> name.endsWith("ex"));

	@Test
	void kafkaListenersAreIntake() {
		assertThat(roleOf(new KafkaListenerEndpointRegistry())).isEqualTo(LifecycleRole.INTAKE);
		ConcurrentMessageListenerContainer<String, String> container = kafkaContainer();
		container.setupMessageListener(new Object());
		assertThat(roleOf(container)).isEqualTo(LifecycleRole.INTAKE);
	}

	@Test
	void rabbitListenersAreIntake() {
		assertThat(roleOf(new RabbitListenerEndpointRegistry())).isEqualTo(LifecycleRole.INTAKE);
		assertThat(roleOf(new SimpleMessageListenerContainer())).isEqualTo(LifecycleRole.INTAKE);
	}

	@Test
	void jmsListenersAreIntake() {
		assertThat(roleOf(new JmsListenerEndpointRegistry())).isEqualTo(LifecycleRole.INTAKE);
		assertThat(roleOf(new DefaultMessageListenerContainer())).isEqualTo(LifecycleRole.INTAKE);
	}

	@Test
	void redisListenersAreIntake() {
		assertThat(roleOf(new RedisMessageListenerContainer())).isEqualTo(LifecycleRole.INTAKE);
		assertThat(roleOf(StreamMessageListenerContainer.create(mock(RedisConnectionFactory.class))))
			.isEqualTo(LifecycleRole.INTAKE);
	}

	@Test
	void inboundAdaptersOfSpringIntegrationAreIntake() {
		assertThat(roleOf(new MessageProducerSupport() {
		})).isEqualTo(LifecycleRole.INTAKE);
		assertThat(roleOf(new SourcePollingChannelAdapter())).isEqualTo(LifecycleRole.INTAKE);
		assertThat(roleOf(new SourcePollingChannelAdapterFactoryBean())).isEqualTo(LifecycleRole.INTAKE);
	}

	@Test
	void serversHaveClients() {
		assertThat(roleOf(new WebSocketHandlerMapping())).isEqualTo(LifecycleRole.SERVER);
		assertThat(roleOf(new RSocketServerBootstrap(mock(RSocketServerFactory.class), (setup, socket) -> null)))
			.isEqualTo(LifecycleRole.SERVER);
	}

	@Test
	void storesThatAreReadAreLeftToSpring() {
		StreamsBuilderFactoryBean streams = new StreamsBuilderFactoryBean();
		assertThat(streams.getPhase()).isEqualTo(Integer.MAX_VALUE - 1000);
		assertThat(roleOf(streams)).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
	}

	@Test
	void containersOfRepliesAreLeftToSpring() {
		ConcurrentMessageListenerContainer<String, String> container = kafkaContainer();
		ReplyingKafkaTemplate<String, String, String> kafka = new ReplyingKafkaTemplate<>(
				new DefaultKafkaProducerFactory<>(Map.of()), container);
		assertThat(roleOf(container)).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(roleOf(kafka)).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		DirectMessageListenerContainer replies = new DirectMessageListenerContainer(mock(ConnectionFactory.class));
		replies.setMessageListener(new RabbitTemplate());
		assertThat(roleOf(replies)).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
	}

	@Test
	void leadershipIsLeftToSpring() {
		assertThat(roleOf(new LockRegistryLeaderInitiator(new DefaultLockRegistry())))
			.isEqualTo(LifecycleRole.LEFT_TO_SPRING);
	}

	@Test
	void connectionsToOtherServersAreLeftToSpring() {
		assertThat(roleOf(new WebSocketStompClient(new StandardWebSocketClient())))
			.isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(roleOf(new WebSocketConnectionManager(new StandardWebSocketClient(), new TextWebSocketHandler(),
				"ws://localhost")))
			.isEqualTo(LifecycleRole.LEFT_TO_SPRING);
	}

	@Test
	void handlersOfStompAreLeftToSpringWhateverTheirPhase() {
		SubscribableChannel channel = new ExecutorSubscribableChannel();
		assertThat(roleOf(new SubProtocolWebSocketHandler(channel, channel))).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(roleOf(new SimpleBrokerMessageHandler(channel, channel, channel, List.of("/topic"))))
			.isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(roleOf(
				new WebSocketAnnotationMethodMessageHandler(channel, channel, new SimpMessagingTemplate(channel))))
			.isEqualTo(LifecycleRole.LEFT_TO_SPRING);
	}

	@Test
	void executorsAreLeftToSpringWhateverTheirPhase() {
		ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
		executor.setPhase(SmartLifecycle.DEFAULT_PHASE);
		assertThat(roleOf(executor)).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(roleOf(new SimpleAsyncTaskScheduler())).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
	}

	@Test
	void othersAreUnknownIfSpringStopsThemBeforeTheWebServer() {
		assertThat(roleOf(new TestLifecycle(SmartLifecycle.DEFAULT_PHASE))).isEqualTo(LifecycleRole.UNKNOWN);
		assertThat(roleOf(new TestLifecycle(SmartLifecycle.DEFAULT_PHASE - 1023))).isEqualTo(LifecycleRole.UNKNOWN);
		assertThat(roleOf(new TestLifecycle(SmartLifecycle.DEFAULT_PHASE - 1024)))
			.isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(roleOf(mock(Lifecycle.class))).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
	}

	@Test
	void theApplicationDecidesByName() {
		assertThat(this.roles.of("in", mock(Lifecycle.class))).isEqualTo(LifecycleRole.INTAKE);
		assertThat(this.roles.of("in", new StreamsBuilderFactoryBean())).isEqualTo(LifecycleRole.INTAKE);
		assertThat(this.roles.of("ex", new TestListenerContainer(0))).isEqualTo(LifecycleRole.LEFT_TO_SPRING);
		assertThat(this.roles.of("in ex", new TestListenerContainer(0))).as("exclude wins")
			.isEqualTo(LifecycleRole.LEFT_TO_SPRING);
	}

	private LifecycleRole roleOf(Lifecycle lifecycle) {
		return this.roles.of("bean", lifecycle);
	}

	private static ConcurrentMessageListenerContainer<String, String> kafkaContainer() {
		return new ConcurrentMessageListenerContainer<>(new DefaultKafkaConsumerFactory<>(Map.of()),
				new ContainerProperties("topic"));
	}

}
