package io.github.gracefulshutdown.durable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.gracefulshutdown.DrainCompletedEvent;
import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.autoconfigure.BackgroundJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.DurableJobAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.ExecutorDrainAutoConfiguration;
import io.github.gracefulshutdown.autoconfigure.GracefulShutdownAutoConfiguration;
import io.github.gracefulshutdown.job.Gate;
import io.github.gracefulshutdown.job.JobContext;
import io.github.gracefulshutdown.job.OnDrain;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application with durable jobs, and a database.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAsync
@ImportAutoConfiguration({ AopAutoConfiguration.class, ApplicationAvailabilityAutoConfiguration.class,
		LifecycleAutoConfiguration.class, TaskExecutionAutoConfiguration.class, DataSourceAutoConfiguration.class,
		DataSourceTransactionManagerAutoConfiguration.class, GracefulShutdownAutoConfiguration.class,
		BackgroundJobAutoConfiguration.class, ExecutorDrainAutoConfiguration.class, DurableJobAutoConfiguration.class })
class DurableApplication {

	private static final List<DrainReport> reports = new CopyOnWriteArrayList<>();

	static ConfigurableApplicationContext start(String url, String... properties) {
		return start(DurableApplication.class, url, properties);
	}

	static ConfigurableApplicationContext start(Class<?> application, String url, String... properties) {
		List<String> all = new ArrayList<>(List.of("spring.datasource.url=" + url,
				"graceful-shutdown.durable.enabled=true", "graceful-shutdown.durable.initialize-schema=always",
				"graceful-shutdown.durable.poll-interval=1h", "graceful-shutdown.grace-period=20s",
				"spring.main.banner-mode=off", "spring.main.web-application-type=none"));
		all.addAll(List.of(properties));
		return new SpringApplicationBuilder(application).registerShutdownHook(false)
			.properties(all.toArray(String[]::new))
			.run();
	}

	static Jobs jobs(ConfigurableApplicationContext context) {
		return context.getBean(Jobs.class);
	}

	static Gate gate(ConfigurableApplicationContext context) {
		return context.getBean(Gate.class);
	}

	static JdbcTemplate jdbc(ConfigurableApplicationContext context) {
		return new JdbcTemplate(context.getBean(DataSource.class));
	}

	static List<Map<String, Object>> stored(JdbcTemplate jdbc) {
		return jdbc.queryForList("select * from durable_jobs order by accepted_at");
	}

	static void store(JdbcTemplate jdbc, String name, String payload) {
		store(jdbc, name, payload, "QUEUED", null, 0);
	}

	static void store(JdbcTemplate jdbc, String name, String payload, String state, @Nullable String owner,
			int deaths) {
		jdbc.update(
				"insert into durable_jobs (id, name, payload, state, owner, accepted_at, due_at, version,"
						+ " attempts, deaths) values (?, ?, ?, ?, ?, 1, 1, 1, 0, ?)",
				"id-" + name + deaths, name, payload, state, owner, deaths);
	}

	static TransactionTemplate transactions(ConfigurableApplicationContext context) {
		return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
	}

	static DrainReport close(ConfigurableApplicationContext context) {
		reports.clear();
		context.close();
		return reports.get(reports.size() - 1);
	}

	static DrainReport.WorkloadReport durable(DrainReport report) {
		return report.workloads().stream().filter((workload) -> workload.name().equals("durable")).findFirst().get();
	}

	@EventListener
	void on(DrainCompletedEvent event) {
		reports.add(event.report());
	}

	@Bean
	Gate gate() {
		return new Gate();
	}

	@Bean
	Jobs jobs(Gate gate, DurableJobs durableJobs) {
		return new Jobs(gate, durableJobs);
	}

	record Order(String id, @Nullable List<String> items, int amount) {

	}

	record Fragile(String text) {

		Fragile {
			if ("broken".equals(text)) {
				throw new LinkageError("broken");
			}
		}

	}

	record Unwritable(int number) {

		@Override
		public int number() {
			throw new UnsupportedOperationException("no number");
		}

	}

	static class Jobs {

		private final List<Object> done = new CopyOnWriteArrayList<>();

		private final List<String> threads = new CopyOnWriteArrayList<>();

		private final List<String> traces = new CopyOnWriteArrayList<>();

		private final Gate gate;

		private final DurableJobs jobs;

		private final Semaphore steps = new Semaphore(0);

		private final AtomicInteger failures = new AtomicInteger();

		private volatile @Nullable JobContext context;

		Jobs(Gate gate, DurableJobs jobs) {
			this.gate = gate;
			this.jobs = jobs;
		}

		List<Object> done() {
			return this.done;
		}

		List<String> threads() {
			return this.threads;
		}

		void passSteps(int number) {
			this.steps.release(number);
		}

		void fail(int times) {
			this.failures.set(times);
		}

		List<String> traces() {
			return this.traces;
		}

		JobContext context() {
			return Objects.requireNonNull(this.context);
		}

		@DurableJob("order")
		void order(Order order) {
			this.threads.add(Thread.currentThread().getName());
			this.done.add(order);
		}

		@Async
		@DurableJob(name = "async", aliases = "old-async")
		void async(String id) {
			order(new Order(id, null, 0));
		}

		@DurableJob(name = "gated", key = "#id")
		void gated(@Nullable String id) {
			begin();
			pass();
			this.done.add(String.valueOf(id));
		}

		private void begin() {
			this.context = JobContext.current();
			this.traces.add(String.valueOf(MDC.get("trace")));
		}

		private void pass() {
			try {
				this.gate.pass();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@DurableJob("step")
		void step(String id) {
			this.steps.acquireUninterruptibly();
			this.done.add(id);
		}

		@DurableJob("stubborn")
		void stubborn(String id) {
			this.gate.passStubbornly();
			this.done.add(id);
		}

		@DurableJob(name = "cancelled", onDrain = OnDrain.CANCEL)
		void cancelled(String id) {
			pass();
			this.done.add(id);
		}

		@DurableJob(name = "failing", attempts = 3, backoff = "1ms")
		void failing(String id) {
			begin();
			if (this.failures.getAndDecrement() > 0) {
				throw new IllegalStateException("failed " + id);
			}
			this.done.add(id);
		}

		@DurableJob(name = "fatal", key = "#id", attempts = 1)
		void fatal(String id) {
			failing(id);
		}

		@DurableJob(name = "patient", backoff = "1h")
		void patient(String id) {
			failing(id);
		}

		@DurableJob(name = "poisoned", attempts = 1)
		void poisoned(String kind) {
			throw new IllegalStateException("nul \0") {

				@Override
				public String toString() {
					if (kind.equals("toString")) {
						throw new UnsupportedOperationException("no text");
					}
					return super.toString();
				}

			};
		}

		@DurableJob(name = "fragile", attempts = 1)
		void fragile(Fragile argument) {
			this.done.add(argument);
		}

		@DurableJob(name = "pages", onDrain = OnDrain.CANCEL)
		void pages(int pages, int gated) {
			begin();
			JobContext context = JobContext.current();
			for (int page = context.progress(Integer.class).orElse(0); page < pages; page++) {
				if (page == gated) {
					pass();
				}
				this.done.add("page " + page);
				context.saveProgress(page + 1);
			}
		}

		@DurableJob("nested")
		void nested(String id) {
			pass();
			Thread.currentThread().interrupt();
			this.jobs.enqueue("order", new Order(id, null, 1));
			this.done.add(Thread.interrupted());
		}

	}

}
