package io.github.gracefulshutdown.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

import io.github.gracefulshutdown.process.ApplicationProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The promises for messages, with real brokers and real signals.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(600)
class MessagesTests {

	private static final int ROUNDS = Integer.getInteger("rounds", 2);

	private static final String FUTURE = "--spring.profiles.include=future";

	private static final int MESSAGES_PER_ROUND = 30;

	private static final Map<Broker, MessageBroker> brokers = new ConcurrentHashMap<>();

	@TempDir
	private static Path brokerDirectory;

	private final String queue = "work-" + UUID.randomUUID();

	@TempDir
	private Path directory;

	@AfterAll
	static void stopBrokers() throws Exception {
		for (MessageBroker broker : brokers.values()) {
			broker.close();
		}
		brokers.clear();
	}

	@ParameterizedTest
	@EnumSource
	void overManyShutdownsNoMessageIsLostOrHandledTwice(Broker kind) throws Exception {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		List<String> sent = new ArrayList<>();
		MessageBroker broker = broker(kind);
		for (int round = 0; round < ROUNDS; round++) {
			sent.addAll(send(broker, round, 20 + random.nextInt(100)));
			int before = ended().size();
			try (ApplicationProcess application = start(broker)) {
				awaitUntil(() -> ended().size() > before);
				int more = ended().size() + random.nextInt(5);
				awaitUntil(() -> ended().size() >= Math.min(more, sent.size()));
				application.terminate();
				application.awaitExit();
				assertThat(application.output()).containsPattern("Drained after|nothing in flight");
			}
			assertThat(begun()).as("cut in round %d, seed %d", round, seed).isEqualTo(ended());
		}
		try (ApplicationProcess application = start(broker)) {
			awaitUntil(() -> ended().size() >= sent.size());
			application.terminate();
			application.awaitExit();
		}
		assertThat(ended()).containsExactlyInAnyOrderElementsOf(sent);
	}

	private List<String> send(MessageBroker broker, int round, int millis) throws Exception {
		List<String> ids = IntStream.range(0, MESSAGES_PER_ROUND)
			.mapToObj((number) -> "message-%d-%d".formatted(round, number))
			.toList();
		broker.send(this.queue, ids.stream().map((id) -> id + " " + millis).toList());
		return ids;
	}

	@ParameterizedTest
	@EnumSource
	void theMessageInHandIsFinishedAndTheOthersGoBack(Broker kind) throws Exception {
		MessageBroker broker = broker(kind);
		assertThat(afterTheSignal(broker)).containsExactly("end slow");
		try (ApplicationProcess application = start(broker)) {
			awaitUntil(() -> ended().contains("last"));
			assertThat(ended()).containsExactly("slow", "next", "last");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "KAFKA", "RABBIT" })
	void whatAListenerDoesAfterItHasReturnedIsFinished(Broker kind) throws Exception {
		assertThat(afterTheSignal(broker(kind), FUTURE)).contains("end slow");
	}

	@ParameterizedTest
	@EnumSource(names = { "KAFKA", "RABBIT" })
	void withoutTheStarterWhatAListenerDoesAfterItHasReturnedIsCut(Broker kind) throws Exception {
		assertThat(afterTheSignal(broker(kind), FUTURE, ApplicationProcess.WITHOUT_STARTER)).doesNotContain("end slow");
	}

	@Test
	void withoutTheStarterASlowMessageFromRabbitIsCut() throws Exception {
		assertThat(afterTheSignal(broker(Broker.RABBIT), ApplicationProcess.WITHOUT_STARTER))
			.doesNotContain("end slow");
	}

	@Test
	void withoutTheStarterMessagesFromKafkaAreBegunAfterTheSignal() throws Exception {
		assertThat(afterTheSignal(broker(Broker.KAFKA), ApplicationProcess.WITHOUT_STARTER)).contains("begin last");
	}

	private List<String> afterTheSignal(MessageBroker broker, String... arguments) throws Exception {
		broker.send(this.queue, List.of("slow 8000", "next 100", "last 100"));
		try (ApplicationProcess application = start(broker, arguments)) {
			awaitUntil(() -> begun().contains("slow"));
			application.terminate();
			application.awaitExit();
		}
		List<String> journal = journal();
		return journal.subList(1, journal.size());
	}

	private MessageBroker broker(Broker kind) {
		MessageBroker broker = brokers.computeIfAbsent(kind, (missing) -> missing.start(brokerDirectory));
		broker.create(this.queue);
		return broker;
	}

	private ApplicationProcess start(MessageBroker broker, String... arguments) {
		List<String> all = new ArrayList<>(broker.applicationArguments());
		all.add("--queue=" + this.queue);
		all.addAll(List.of(arguments));
		return ApplicationProcess.start(this.directory, all.toArray(String[]::new));
	}

	private static void awaitUntil(Callable<Boolean> condition) {
		Awaitility.await().atMost(Duration.ofMinutes(2)).until(condition);
	}

	private List<String> begun() throws Exception {
		return lines("begin ");
	}

	private List<String> ended() throws Exception {
		return lines("end ");
	}

	private List<String> lines(String prefix) throws Exception {
		return journal().stream()
			.filter((line) -> line.startsWith(prefix))
			.map((line) -> line.substring(prefix.length()))
			.toList();
	}

	private List<String> journal() throws Exception {
		Path journal = this.directory.resolve("journal");
		return Files.exists(journal) ? Files.readAllLines(journal) : List.of();
	}

	enum Broker {

		ARTEMIS, KAFKA, RABBIT;

		MessageBroker start(Path directory) {
			try {
				return switch (this) {
					case ARTEMIS -> new ArtemisBroker();
					case KAFKA -> new KafkaBroker();
					case RABBIT -> new RabbitBroker(directory);
				};
			}
			catch (RuntimeException ex) {
				throw ex;
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
