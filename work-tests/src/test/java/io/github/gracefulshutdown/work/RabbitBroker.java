package io.github.gracefulshutdown.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.gracefulshutdown.process.FreePort;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/**
 * RabbitMQ in a process of its own, if Debian's package is installed.
 *
 * @author The Graceful Shutdown authors
 */
class RabbitBroker implements MessageBroker {

	private static final Path SERVER = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");

	private final int port = FreePort.next();

	private final Process process;

	private final CachingConnectionFactory connections;

	RabbitBroker(Path directory) throws IOException {
		Assumptions.assumeTrue(Files.isExecutable(SERVER),
				"RabbitMQ is not installed: apt-get install rabbitmq-server");
		Path log = directory.resolve("rabbitmq.log");
		ProcessBuilder server = new ProcessBuilder(SERVER.toString()).redirectErrorStream(true)
			.redirectOutput(log.toFile());
		server.environment()
			.putAll(Map.of("HOME", directory.toString(), "RABBITMQ_NODENAME", "test" + this.port + "@localhost",
					"RABBITMQ_NODE_PORT", String.valueOf(this.port), "RABBITMQ_DIST_PORT",
					String.valueOf(FreePort.next()), "RABBITMQ_MNESIA_BASE", directory.resolve("data").toString(),
					"RABBITMQ_LOG_BASE", directory.toString(), "RABBITMQ_ENABLED_PLUGINS_FILE",
					directory.resolve("plugins").toString(), "RABBITMQ_CONFIG_FILE",
					directory.resolve("configuration").toString()));
		this.process = server.start();
		Awaitility.await()
			.atMost(Duration.ofMinutes(2))
			.until(() -> Files.readString(log).contains("Starting broker... completed"));
		this.connections = new CachingConnectionFactory("localhost", this.port);
	}

	@Override
	public List<String> applicationArguments() {
		return List.of("--spring.profiles.active=rabbit", "--spring.rabbitmq.port=" + this.port);
	}

	@Override
	public void create(String queue) {
		new RabbitAdmin(this.connections).declareQueue(new Queue(queue));
	}

	@Override
	public void send(String queue, List<String> messages) {
		RabbitTemplate template = new RabbitTemplate(this.connections);
		// On one channel: messages of two channels may overtake each other
		template.invoke((operations) -> {
			messages.forEach((message) -> operations.convertAndSend(queue, message));
			return messages;
		});
	}

	@Override
	public void close() throws Exception {
		this.connections.destroy();
		this.process.destroy();
		this.process.waitFor();
	}

}
