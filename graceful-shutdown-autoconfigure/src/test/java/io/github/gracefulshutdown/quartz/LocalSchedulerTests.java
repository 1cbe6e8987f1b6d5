package io.github.gracefulshutdown.quartz;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SchedulerMetaData;
import org.quartz.Trigger;
import org.quartz.TriggerKey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link LocalScheduler}.
 *
 * @author The Graceful Shutdown authors
 */
class LocalSchedulerTests {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private final AtomicLong nanos = new AtomicLong();

	private final Scheduler scheduler = mock();

	private final SchedulerMetaData metaData = mock();

	@BeforeEach
	void started() throws SchedulerException {
		given(this.scheduler.getMetaData()).willReturn(this.metaData);
		given(this.scheduler.isStarted()).willReturn(true);
		given(this.scheduler.getCurrentlyExecutingJobs()).willReturn(List.of());
	}

	@ParameterizedTest
	@ValueSource(longs = { -900, 0, 900 })
	void isIdleWhenATriggerThatIsNearCannotBeFiredAnyMore(long millis) throws SchedulerException {
		trigger(millis, null);
		assertThatItIsIdleAfter100Millis();
		trigger(null, millis);
		assertThatItIsIdleAfter100Millis();
	}

	@Test
	void isIdleAtOnceWithoutATriggerThatIsNear() throws SchedulerException {
		trigger(2000L, -2000L);
		assertThat(standby().isIdle()).isTrue();
		then(this.scheduler).should().standby();
	}

	@Test
	void aPersistentSchedulerIsNotAskedForTriggers() throws SchedulerException {
		given(this.metaData.isJobStoreSupportsPersistence()).willReturn(true);
		assertThatItIsIdleAfter100Millis();
		then(this.scheduler).should(never()).getTriggerKeys(any());
	}

	@Test
	void isNotIdleAfterAJobThatWasNotSeen() throws SchedulerException {
		trigger(0L, null);
		LocalScheduler local = standby();
		passMillis(99);
		given(this.metaData.getNumberOfJobsExecuted()).willReturn(1);
		assertThat(local.isIdle()).isFalse();
		passMillis(99);
		assertThat(local.isIdle()).isFalse();
		passMillis(1);
		assertThat(local.isIdle()).isTrue();
	}

	@Test
	void isNotIdleRightAfterAJob() throws SchedulerException {
		trigger(0L, null);
		LocalScheduler local = standby();
		given(this.scheduler.getCurrentlyExecutingJobs()).willReturn(List.of(mock(JobExecutionContext.class)));
		passMillis(500);
		assertThat(local.isIdle()).isFalse();
		given(this.scheduler.getCurrentlyExecutingJobs()).willReturn(List.of());
		assertThat(local.isIdle()).isFalse();
		passMillis(99);
		assertThat(local.isIdle()).isFalse();
		passMillis(1);
		assertThat(local.isIdle()).isTrue();
	}

	@Test
	void isIdleAtOnceIfItHasNotBeenFiring() throws SchedulerException {
		trigger(0L, null);
		given(this.scheduler.isInStandbyMode()).willReturn(true);
		assertThat(standby().isIdle()).isTrue();
		then(this.scheduler).should(never()).standby();
	}

	private void assertThatItIsIdleAfter100Millis() throws SchedulerException {
		LocalScheduler local = standby();
		assertThat(local.isIdle()).isFalse();
		passMillis(99);
		assertThat(local.isIdle()).isFalse();
		passMillis(1);
		assertThat(local.isIdle()).isTrue();
	}

	private void trigger(@Nullable Long nextMillis, @Nullable Long previousMillis) throws SchedulerException {
		Trigger trigger = mock();
		given(trigger.getNextFireTime()).willReturn(date(nextMillis));
		given(trigger.getPreviousFireTime()).willReturn(date(previousMillis));
		given(this.scheduler.getTriggerKeys(any())).willReturn(Set.of(TriggerKey.triggerKey("trigger")));
		given(this.scheduler.getTrigger(TriggerKey.triggerKey("trigger"))).willReturn(trigger);
	}

	private static @Nullable Date date(@Nullable Long millis) {
		return (millis != null) ? Date.from(NOW.plusMillis(millis)) : null;
	}

	private LocalScheduler standby() throws SchedulerException {
		LocalScheduler local = LocalScheduler.of(this.scheduler, this.nanos::get, InstantSource.fixed(NOW));
		local.standby();
		return local;
	}

	private void passMillis(long millis) {
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
	}

}
