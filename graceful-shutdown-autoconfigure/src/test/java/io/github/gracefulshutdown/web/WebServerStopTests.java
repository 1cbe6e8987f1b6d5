package io.github.gracefulshutdown.web;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.InFlight;
import io.github.gracefulshutdown.ServingStoppedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.SmartLifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link WebServerStop}.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class WebServerStopTests {

	private final ConnectorPauser connector = mock(ConnectorPauser.class);

	private final SmartLifecycle graceful = lifecycle();

	private final SmartLifecycle startStop = lifecycle();

	private WebServerStop stop;

	@BeforeEach
	void create() {
		DefaultListableBeanFactory beanFactory = new DefaultListableBeanFactory();
		beanFactory.registerSingleton("webServerGracefulShutdown", this.graceful);
		beanFactory.registerSingleton("webServerStartStop", this.startStop);
		given(this.connector.isRunning()).willReturn(true);
		RequestWorkload requests = new RequestWorkload(new InFlight(), System::nanoTime, Duration.ZERO,
				List.of(this.connector), true, new Streams(true, (event) -> {
				}));
		requests.stopAccepting();
		this.stop = new WebServerStop(requests, beanFactory);
	}

	private static SmartLifecycle lifecycle() {
		SmartLifecycle lifecycle = mock(SmartLifecycle.class);
		given(lifecycle.isRunning()).willReturn(true);
		willAnswer((invocation) -> {
			invocation.<Runnable>getArgument(0).run();
			return null;
		}).given(lifecycle).stop(any());
		return lifecycle;
	}

	@Test
	void theServerIsStoppedAsBootDoesIt() throws Exception {
		servingStopped();
		this.stop.destroy();
		var order = inOrder(this.graceful, this.startStop);
		order.verify(this.graceful).stop(any());
		order.verify(this.startStop).stop(any());
	}

	@Test
	void aServerThatCanBeReachedIsLeftAlone() throws Exception {
		given(this.connector.hasOpenConnections()).willReturn(true);
		servingStopped();
		this.stop.destroy();
		then(this.startStop).should(never()).stop(any());
	}

	@Test
	void aServerThatIsStoppedAlreadyIsLeftAlone() throws Exception {
		given(this.startStop.isRunning()).willReturn(false);
		servingStopped();
		this.stop.destroy();
		then(this.startStop).should(never()).stop(any());
	}

	@Test
	void aFailureIsLeftToSpring() throws Exception {
		willThrow(new IllegalStateException("broken")).given(this.graceful).stop(any());
		servingStopped();
		this.stop.destroy();
		then(this.startStop).should(never()).stop(any());
	}

	@Test
	void theServerIsNotDestroyedWhileItIsBeingStopped() throws Exception {
		CountDownLatch stopping = new CountDownLatch(1);
		CompletableFuture<Void> stopped = new CompletableFuture<>();
		willAnswer((invocation) -> {
			stopping.countDown();
			stopped.join();
			invocation.<Runnable>getArgument(0).run();
			return null;
		}).given(this.startStop).stop(any());
		servingStopped();
		assertThat(stopping.await(30, TimeUnit.SECONDS)).isTrue();
		CompletableFuture<Boolean> destroyed = CompletableFuture.supplyAsync(() -> {
			try {
				this.stop.destroy();
				return stopped.isDone();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		stopped.completeAsync(() -> null, CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));
		assertThat(destroyed.join()).isTrue();
	}

	private void servingStopped() {
		this.stop.onApplicationEvent(new PayloadApplicationEvent<>(this, new ServingStoppedEvent(Duration.ZERO)));
	}

}
