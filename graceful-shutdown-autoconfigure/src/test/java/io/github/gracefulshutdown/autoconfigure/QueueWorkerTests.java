package io.github.gracefulshutdown.autoconfigure;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.job.GracePeriods;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The {@link Workload} that the documentation shows.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(60)
class QueueWorkerTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations())
		.withBean(QueueWorker.class);

	@Test
	void allLettersAreSentAndNoFurtherOneIsAccepted() {
		this.contextRunner.run((context) -> {
			QueueWorker worker = context.getBean(QueueWorker.class);
			GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
			worker.submit("one");
			worker.submit("two");
			CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			assertThat(shutdown.inFlight()).isEqualTo(2);
			assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> worker.submit("three"));
			worker.post.countDown();
			assertThat(report.join().state()).isEqualTo(DrainState.DRAINED);
			assertThat(worker.sent).containsExactly("one", "two");
		});
	}

	@Test
	void whatCannotBeSentIsCancelledAndAbandoned() {
		this.contextRunner.withPropertyValues(GracePeriods.abandonedSoon()).run((context) -> {
			QueueWorker worker = context.getBean(QueueWorker.class);
			worker.submit("one");
			worker.submit("two");
			DrainReport report = context.getBean(GracefulShutdown.class).shutdown("test").toCompletableFuture().join();
			assertThat(report.abandoned()).hasSize(2).allMatch((letter) -> letter.workload().equals("letters"));
			assertThat(worker.interrupted.await(20, TimeUnit.SECONDS)).isTrue();
			assertThat(worker.sent).isEmpty();
		});
	}

	static class QueueWorker implements Workload, DisposableBean {

		private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

		private final AtomicInteger inFlight = new AtomicInteger();

		private final Thread thread = new Thread(this::run, "queue-worker");

		private final CountDownLatch post = new CountDownLatch(1);

		private final CountDownLatch interrupted = new CountDownLatch(1);

		private final List<String> sent = new CopyOnWriteArrayList<>();

		private volatile boolean accepting = true;

		QueueWorker() {
			this.thread.start();
		}

		void submit(String letter) {
			this.inFlight.incrementAndGet();
			if (!this.accepting) {
				this.inFlight.decrementAndGet();
				throw new RejectedExecutionException("The application is stopping");
			}
			this.queue.add(letter);
		}

		@Override
		public String getName() {
			return "letters";
		}

		@Override
		public long getInFlight() {
			return this.inFlight.get();
		}

		@Override
		public void stopAccepting() {
			this.accepting = false;
		}

		@Override
		public void cancel() {
			this.thread.interrupt();
		}

		private void run() {
			try {
				while (true) {
					String letter = this.queue.take();
					this.post.await();
					this.sent.add(letter);
					this.inFlight.decrementAndGet();
				}
			}
			catch (InterruptedException ex) {
				this.interrupted.countDown();
			}
		}

		@Override
		public void destroy() {
			this.thread.interrupt();
		}

	}

}
