package io.github.gracefulshutdown.durable;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import jakarta.annotation.PostConstruct;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for calls of durable jobs in unusual places. Each begins at once.
 *
 * @author The Graceful Shutdown authors
 */
class DurableCallTests {

	private static final DurableApplication.Order ORDER = new DurableApplication.Order("1", null, 1);

	private final String url = "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
		.formatted(UUID.randomUUID());

	private ConfigurableApplicationContext start(boolean autoCommit) {
		return DurableApplication.start(this.url, "spring.datasource.hikari.auto-commit=" + autoCommit);
	}

	private static void awaitOrder(ConfigurableApplicationContext context) {
		Awaitility.await()
			.untilAsserted(() -> assertThat(DurableApplication.jobs(context).done()).containsExactly(ORDER));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void withoutATransactionButWithItsSynchronizations(boolean autoCommit) {
		try (ConfigurableApplicationContext context = start(autoCommit)) {
			TransactionTemplate supports = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			supports.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
			supports.executeWithoutResult((status) -> DurableApplication.jobs(context).order(ORDER));
			awaitOrder(context);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void inATransactionOfAnotherDatabase(boolean autoCommit) {
		try (ConfigurableApplicationContext context = start(autoCommit)) {
			TransactionTemplate other = new TransactionTemplate(
					new JdbcTransactionManager(new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID())));
			other.executeWithoutResult((status) -> {
				DurableApplication.jobs(context).order(ORDER);
				status.setRollbackOnly();
			});
			awaitOrder(context);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void afterCommit(boolean autoCommit) {
		try (ConfigurableApplicationContext context = start(autoCommit)) {
			inTransaction(context, new TransactionSynchronization() {

				@Override
				public void afterCommit() {
					DurableApplication.jobs(context).order(ORDER);
				}

			});
			awaitOrder(context);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void afterCompletion(boolean autoCommit) {
		try (ConfigurableApplicationContext context = start(autoCommit)) {
			inTransaction(context, new TransactionSynchronization() {

				@Override
				public void afterCompletion(int status) {
					DurableApplication.jobs(context).order(ORDER);
				}

			});
			awaitOrder(context);
		}
	}

	private static void inTransaction(ConfigurableApplicationContext context, TransactionSynchronization callback) {
		DurableApplication.transactions(context)
			.executeWithoutResult((status) -> TransactionSynchronizationManager.registerSynchronization(callback));
	}

	@Test
	void whileBeansAreCreated() {
		try (ConfigurableApplicationContext context = DurableApplication.start(CallsEarly.class, this.url)) {
			awaitOrder(context);
		}
	}

	@Test
	void numbersKeepTheirValueAndScale() {
		List<BigDecimal> amounts = List.of(new BigDecimal("12345678901234567890.123456789"), new BigDecimal("1.10"),
				new BigDecimal("9007199254740993.25"), new BigDecimal("1E+3"));
		try (ConfigurableApplicationContext context = DurableApplication.start(WithMoney.class, this.url)) {
			Money money = context.getBean(Money.class);
			amounts.forEach((amount) -> money.pay(amount, amount.doubleValue()));
			Awaitility.await()
				.untilAsserted(() -> assertThat(money.paid()).containsExactlyInAnyOrderElementsOf(amounts));
			assertThat(money.rounded())
				.containsExactlyInAnyOrderElementsOf(amounts.stream().map(BigDecimal::doubleValue).toList());
		}
	}

	static class CallsEarly extends DurableApplication {

		@Bean
		Object early(Jobs jobs) {
			return new Object() {

				@PostConstruct
				void call() {
					jobs.order(ORDER);
				}

			};
		}

	}

	static class WithMoney extends DurableApplication {

		@Bean
		Money money() {
			return new Money();
		}

	}

	static class Money {

		private final List<BigDecimal> paid = new CopyOnWriteArrayList<>();

		private final List<Double> rounded = new CopyOnWriteArrayList<>();

		List<BigDecimal> paid() {
			return this.paid;
		}

		List<Double> rounded() {
			return this.rounded;
		}

		@DurableJob("pay")
		void pay(BigDecimal amount, double about) {
			this.rounded.add(about);
			this.paid.add(amount);
		}

	}

}
