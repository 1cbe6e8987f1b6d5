package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.ServingWorkload;
import io.github.gracefulshutdown.WorkSnapshot;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.Workload;
import io.github.gracefulshutdown.actuate.DrainEndpoint;
import io.github.gracefulshutdown.actuate.DrainEndpoint.DrainDescriptor;
import io.github.gracefulshutdown.job.BackgroundJob;
import io.github.gracefulshutdown.tracking.InFlight;
import io.github.gracefulshutdown.tracking.TestWorkload;
import io.github.gracefulshutdown.tracking.Work;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.web.WebEndpointHttpMethod;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DrainEndpointAutoConfiguration} and {@link DrainEndpoint}.
 *
 * @author The Graceful Shutdown authors
 */
class DrainEndpointAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(DrainApplication.autoConfigurations())
		.withBean(DrainRecorder.class)
		.withBean(Jobs.class)
		.withPropertyValues("management.endpoints.web.exposure.include=drain");

	@Test
	void backsOffUnlessExposed() {
		new ApplicationContextRunner().withConfiguration(DrainApplication.autoConfigurations())
			.run((context) -> assertThat(context).doesNotHaveBean(DrainEndpoint.class));
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(DrainEndpoint.class));
	}

	@Test
	void backsOffWithoutAccess() {
		this.contextRunner.withPropertyValues("management.endpoint.drain.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(DrainEndpoint.class));
	}

	@Test
	void backsOffWithoutActuator() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DrainEndpoint.class));
	}

	@Test
	void showsARunningApplication() {
		this.contextRunner.run((context) -> {
			DrainDescriptor drain = context.getBean(DrainEndpoint.class).drain();
			assertThat(drain.state()).isEqualTo(DrainState.RUNNING);
			assertThat(drain.deadline()).isNull();
			assertThat(drain.remaining()).isNull();
			assertThat(drain.notWaitedFor().accepted()).isZero();
			assertThat(drain.workloads()).extracting((workload) -> workload.name())
				.containsExactly("jobs", "tasks", "schedules", "quartz", "db-scheduler", "jobrunr", "batches",
						"intakes", "servers", "lifecycles", "exchanges", "pollers", "pools");
		});
	}

	@Test
	void showsWorkInFlight() {
		this.contextRunner.run((context) -> {
			DrainDescriptor drain = context.getBean(Jobs.class).look(context.getBean(DrainEndpoint.class));
			assertThat(drain.workloads().get(0).inFlight()).isOne();
			assertThat(drain.workloads().get(0).work()).singleElement().satisfies((job) -> {
				assertThat(job.name()).isEqualTo("look");
				assertThat(job.state()).isEqualTo("running");
				assertThat(job.age()).isPositive();
				assertThat(job.thread()).isEqualTo(Thread.currentThread().getName());
			});
		});
	}

	@Test
	void aRequestIsNotToldAboutItself() {
		this.contextRunner.withBean(Requests.class).run((context) -> {
			Requests requests = context.getBean(Requests.class);
			Work other = requests.begin();
			Work self = requests.begin();
			self.attach();
			DrainDescriptor drain = context.getBean(DrainEndpoint.class).drain();
			self.end(WorkState.COMPLETED);
			other.end(WorkState.COMPLETED);
			assertThat(drain.workloads()).filteredOn((workload) -> workload.name().equals("requests"))
				.singleElement()
				.satisfies((workload) -> {
					assertThat(workload.inFlight()).isOne();
					assertThat(workload.work()).singleElement()
						.satisfies((work) -> assertThat(work.state()).isEqualTo("queued"));
				});
		});
	}

	@Test
	void aWorkloadThatFailsDoesNotHideTheOthers() {
		this.contextRunner.withBean(BrokenWorkload.class).run((context) -> {
			DrainDescriptor drain = context.getBean(Jobs.class).look(context.getBean(DrainEndpoint.class));
			assertThat(drain.workloads()).filteredOn((workload) -> workload.name().equals("jobs"))
				.singleElement()
				.satisfies((workload) -> assertThat(workload.inFlight()).isOne());
		});
	}

	@Test
	void aReasonCannotForgeALine() {
		this.contextRunner.withBean(Reasons.class).run((context) -> {
			context.getBean(DrainEndpoint.class).standBy("a\u2028forged\nline\u202E" + "x".repeat(1000));
			assertThat(context.getBean(Reasons.class).reasons).singleElement()
				.asString()
				.startsWith("a forged line xxx")
				.hasSize(200);
		});
	}

	@Test
	void standbyHasNoDeadlineAndCanBeUndone() {
		this.contextRunner.run((context) -> {
			DrainEndpoint endpoint = context.getBean(DrainEndpoint.class);
			assertThat(endpoint.standBy(null)).satisfies((drain) -> {
				assertThat(drain.state()).isEqualTo(DrainState.LAME_DUCK);
				assertThat(drain.deadline()).isNull();
				assertThat(drain.remaining()).isNull();
			});
			assertThat(endpoint.resume().state()).isEqualTo(DrainState.RUNNING);
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "READ_ONLY", "UNRESTRICTED" })
	void goesIntoStandbyOnlyWithUnrestrictedAccess(Access access) {
		new WebApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class))
			.withConfiguration(DrainApplication.autoConfigurations())
			.withPropertyValues("management.endpoints.web.exposure.include=drain",
					"management.endpoint.drain.access=" + access)
			.run((context) -> assertThat(context.getBean(WebEndpointsSupplier.class).getEndpoints())
				.flatExtracting((endpoint) -> endpoint.getOperations())
				.extracting((operation) -> operation.getRequestPredicate().getHttpMethod())
				.containsExactlyInAnyOrder((access == Access.READ_ONLY)
						? new WebEndpointHttpMethod[] { WebEndpointHttpMethod.GET } : WebEndpointHttpMethod.values()));
	}

	@Test
	void showsTheDeadlineOfTheDrain() {
		this.contextRunner.run((context) -> {
			CompletableFuture<DrainDescriptor> drain = new CompletableFuture<>();
			DrainEndpoint endpoint = context.getBean(DrainEndpoint.class);
			context.getBean(DrainRecorder.class).onDrainStarted(() -> drain.complete(endpoint.drain()));
			Instant before = Instant.now();
			context.close();
			assertThat(drain).isCompleted();
			assertThat(drain.join().state()).isEqualTo(DrainState.LAME_DUCK);
			assertThat(drain.join().deadline()).isBetween(before.plusSeconds(27), Instant.now().plusSeconds(29));
			assertThat(drain.join().remaining()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(28));
			assertThat(endpoint.drain().state()).isEqualTo(DrainState.DRAINED);
		});
	}

	static class Reasons {

		private final List<String> reasons = new CopyOnWriteArrayList<>();

		@EventListener
		void on(DrainStartedEvent event) {
			if (event.remaining() == null) {
				this.reasons.add(event.cause());
			}
		}

	}

	static class Requests extends TestWorkload implements ServingWorkload {

		Requests(InFlight inFlight) {
			super("requests", inFlight);
		}

		@Override
		public boolean enterLameDuck() {
			return false;
		}

	}

	static class BrokenWorkload implements Workload {

		@Override
		public String getName() {
			return "broken";
		}

		@Override
		public long getInFlight() {
			return 0;
		}

		@Override
		@SuppressWarnings("NullAway")
		public List<WorkSnapshot> describe(int limit) {
			return null;
		}

	}

	static class Jobs {

		@BackgroundJob("look")
		DrainDescriptor look(DrainEndpoint endpoint) {
			return endpoint.drain();
		}

	}

}
