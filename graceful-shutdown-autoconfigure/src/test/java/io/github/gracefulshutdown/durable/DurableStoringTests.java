package io.github.gracefulshutdown.durable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import javax.sql.DataSource;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.durable.DurableApplication.Jobs;
import io.github.gracefulshutdown.durable.DurableApplication.Order;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * Calls for which a thread is free. Their jobs are stored as picked.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class DurableStoringTests {

	private final ConfigurableApplicationContext context = DurableApplication.start(Watched.class,
			"jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;CASE_INSENSITIVE_IDENTIFIERS=TRUE".formatted(UUID.randomUUID()),
			"graceful-shutdown.durable.threads=2");

	private final Statements statements = this.context.getBean(Statements.class);

	private final Jobs jobs = DurableApplication.jobs(this.context);

	@AfterEach
	void close() {
		this.context.close();
	}

	private void awaitEnd(int jobs) {
		await().untilAsserted(() -> assertThat(this.jobs.done()).hasSize(jobs));
		await().until(() -> DurableApplication.stored(DurableApplication.jdbc(this.context)).isEmpty());
	}

	@Test
	void aJobIsPickedWithoutAStatementOfItsOwn() {
		this.jobs.order(new Order("1", null, 1));
		awaitEnd(1);
		assertThat(this.statements.executed).anyMatch((sql) -> sql.startsWith("insert into durable_jobs"))
			.noneMatch((sql) -> sql.contains("set state = 'RUNNING'"));
	}

	@Test
	void aJobThatIsStoredButNotForCertainRunsAndFreesItsThread() {
		this.statements.atInsert = (insert) -> {
			insert.call();
			throw new SQLException("The answer is lost");
		};
		for (int i = 0; i < 3; i++) {
			assertThatException().isThrownBy(() -> this.jobs.order(new Order("uncertain", null, 1)));
		}
		this.statements.atInsert = Callable::call;
		awaitEnd(3);
		this.jobs.order(new Order("next", null, 1));
		awaitEnd(4);
	}

	@Test
	void aJobThatIsNotStoredFreesItsThread() {
		this.statements.atInsert = (insert) -> {
			throw new SQLException("No");
		};
		for (int i = 0; i < 3; i++) {
			assertThatException().isThrownBy(() -> this.jobs.order(new Order("refused", null, 1)));
		}
		this.statements.atInsert = Callable::call;
		this.jobs.order(new Order("next", null, 1));
		awaitEnd(1);
		assertThat(DurableApplication.close(this.context).state()).isEqualTo(DrainState.DRAINED);
	}

	@Test
	void aKeyThatExistsFreesItsThread() {
		for (int i = 0; i < 3; i++) {
			this.jobs.gated("1");
		}
		this.jobs.order(new Order("next", null, 1));
		await().untilAsserted(() -> assertThat(this.jobs.done()).hasSize(1));
		DurableApplication.gate(this.context).open();
		awaitEnd(2);
	}

	@Test
	void theDrainWaitsForAJobThatIsBeingStored() throws Exception {
		CountDownLatch inserting = new CountDownLatch(1);
		CountDownLatch answer = new CountDownLatch(1);
		this.statements.atInsert = (insert) -> {
			inserting.countDown();
			answer.await();
			return insert.call();
		};
		CompletableFuture<Void> call = CompletableFuture.runAsync(() -> this.jobs.order(new Order("1", null, 1)),
				(caller) -> new Thread(caller, "caller").start());
		inserting.await();
		GracefulShutdown shutdown = this.context.getBean(GracefulShutdown.class);
		CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
		await().until(() -> shutdown.state() == DrainState.DRAINING);
		answer.countDown();
		call.join();
		assertThat(DurableApplication.durable(report.join()).outcomes()).containsEntry(WorkState.COMPLETED, 1L);
	}

	static class Watched extends DurableApplication {

		@Bean
		static Statements statements() {
			return new Statements();
		}

	}

	/**
	 * Sees each prepared statement of the database.
	 */
	static class Statements implements BeanPostProcessor {

		private final List<String> executed = new CopyOnWriteArrayList<>();

		private volatile Insert atInsert = Callable::call;

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return (bean instanceof DataSource dataSource) ? new DelegatingDataSource(dataSource) {

				@Override
				public Connection getConnection() throws SQLException {
					return watch(Connection.class, super.getConnection(), "");
				}

			} : bean;
		}

		private <T> T watch(Class<T> type, T target, String sql) {
			return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
					(proxy, method, arguments) -> {
						Callable<Object> call = () -> {
							try {
								return method.invoke(target, arguments);
							}
							catch (InvocationTargetException ex) {
								throw (Exception) ex.getCause();
							}
						};
						if (method.getName().equals("prepareStatement")) {
							return watch(PreparedStatement.class, (PreparedStatement) call.call(),
									(String) arguments[0]);
						}
						if (!method.getName().equals("executeUpdate")) {
							return call.call();
						}
						this.executed.add(sql);
						return sql.startsWith("insert into durable_jobs") ? this.atInsert.execute(call) : call.call();
					}));
		}

	}

	interface Insert {

		Object execute(Callable<Object> insert) throws Exception;

	}

}
