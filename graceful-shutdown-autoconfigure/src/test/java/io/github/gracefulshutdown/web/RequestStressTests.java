package io.github.gracefulshutdown.web;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.web.StressApplications.Entered;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.Banner.Mode;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Many clients send requests of all kinds, some of which fail or lose their client, until
 * the application drains at a random moment. Each request that has reached its handler is
 * answered, and none is in flight in the end. {@code -Drounds=100} takes longer.
 *
 * @author The Graceful Shutdown authors
 */
@Tag("stress")
@Timeout(3600)
class RequestStressTests {

	private static final int ROUNDS = Integer.getInteger("rounds", 1);

	private static final int CLIENTS = 12;

	private static final List<String> KINDS = List.of("plain", "throwing", "callable", "deferred", "failing",
			"streaming", "events");

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final long firstSeed = new Random().nextLong(1_000_000);

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	@ParameterizedTest
	@CsvSource({ "TOMCAT, SERVLET", "JETTY, SERVLET", "NETTY, REACTIVE" })
	void eachRequestThatHasReachedItsHandlerIsAnswered(EmbeddedServer server, WebApplicationType type)
			throws Exception {
		Class<?> application = (type == WebApplicationType.SERVLET) ? StressApplications.Servlet.class
				: StressApplications.Reactive.class;
		for (long seed = this.firstSeed; seed < this.firstSeed + ROUNDS; seed++) {
			try (ConfigurableApplicationContext context = server.application(application, type)
				.bannerMode(Mode.OFF)
				.run("--server.port=0", "--logging.level.root=off", "--graceful-shutdown.connector.linger=200ms")) {
				new Round(seed, context).run();
			}
		}
	}

	private final class Round {

		private final long seed;

		private final ConfigurableApplicationContext context;

		private final int port;

		private final Set<String> answered = ConcurrentHashMap.newKeySet();

		private final Set<String> aborted = ConcurrentHashMap.newKeySet();

		private volatile boolean ended;

		Round(long seed, ConfigurableApplicationContext context) {
			this.seed = seed;
			this.context = context;
			this.port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
		}

		void run() throws Exception {
			RequestWorkload requests = this.context.getBean(RequestWorkload.class);
			Entered entered = this.context.getBean(Entered.class);
			List<Future<?>> clients = new ArrayList<>();
			for (int i = 0; i < CLIENTS; i++) {
				int number = i;
				clients.add(RequestStressTests.this.executor.submit(() -> sendRequests(number)));
			}
			await().atMost(Duration.ofSeconds(60)).until(() -> !entered.getIds().isEmpty());
			Random random = new Random(this.seed);
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(500)));
			DrainReport report = this.context.getBean(GracefulShutdown.class)
				.shutdown("test")
				.toCompletableFuture()
				.get(60, TimeUnit.SECONDS);
			this.ended = true;
			for (Future<?> client : clients) {
				client.get(60, TimeUnit.SECONDS);
			}
			Set<String> lost = new HashSet<>(entered.getIds());
			lost.removeAll(this.answered);
			lost.removeAll(this.aborted);
			assertThat(lost).as("seed %d", this.seed).isEmpty();
			assertThat(report.abandoned()).as("seed %d", this.seed).isEmpty();
			assertThat(report.state()).as("seed %d", this.seed).isEqualTo(DrainState.DRAINED);
			assertThat(requests.getInFlight()).as("seed %d", this.seed).isZero();
		}

		private void sendRequests(int client) {
			Random random = new Random(this.seed * 31 + client);
			int request = 0;
			while (!this.ended) {
				try (RawConnection connection = new RawConnection(this.port)) {
					boolean open = true;
					while (open && !this.ended) {
						open = send(connection, "%d-%d".formatted(client, request++), random);
					}
				}
				catch (ConnectException ex) {
					return;
				}
				catch (IOException ex) {
					// Another connection
				}
			}
		}

		// A request without an answer is lost if it has reached its handler
		private boolean send(RawConnection connection, String id, Random random) throws IOException {
			String kind = KINDS.get(random.nextInt(KINDS.size()));
			HttpMethod method = kind.equals("events") ? HttpMethod.POST : HttpMethod.GET;
			boolean abort = random.nextInt(8) == 0;
			if (abort) {
				this.aborted.add(id);
			}
			connection.send(method, "/%s/%d/%s".formatted(id, random.nextInt(40), kind));
			if (abort) {
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(20)));
				return false;
			}
			String head = connection.receiveWhole();
			if (!head.isEmpty()) {
				this.answered.add(id);
			}
			return !head.isEmpty() && !head.contains("connection: close");
		}

	}

}
