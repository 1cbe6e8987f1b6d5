package io.github.gracefulshutdown.job;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

import io.github.gracefulshutdown.tracking.TrackedSubmission;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Tracks the run of a job, on the thread that runs it. In a proxy with {@code @Async} it
 * comes after that interceptor, and takes the job that {@link JobSubmissionInterceptor}
 * has accepted.
 *
 * @author The Graceful Shutdown authors
 */
final class JobRunInterceptor implements MethodInterceptor {

	private final Supplier<JobWorkload> workload;

	private final JobObservations observations;

	private final JobMethods methods;

	JobRunInterceptor(Supplier<JobWorkload> workload, Supplier<ObservationRegistry> observations, JobMethods methods) {
		this.workload = workload;
		this.observations = new JobObservations(observations);
		this.methods = methods;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		TrackedSubmission.end();
		JobMethods.Definition definition = this.methods.get(invocation);
		if (definition.onDrain() == OnDrain.IGNORE) {
			return invocation.proceed();
		}
		PublisherTracker publishers = definition.publishers();
		return (publishers != null) ? track(invocation.proceed(), publishers, definition)
				: run(getOrAccept(invocation, definition), invocation);
	}

	private static @Nullable Object track(@Nullable Object result, PublisherTracker publishers,
			JobMethods.Definition definition) {
		return (result != null)
				? publishers.track(result, definition.returnType(), definition.name(), definition.onDrain()) : null;
	}

	private @Nullable Object run(Job job, MethodInvocation invocation) throws Throwable {
		if (!job.attach()) {
			throw new CancellationException(
					"Background job '%s' was given up before it began".formatted(job.getName()));
		}
		Job outer = CurrentJob.get();
		CurrentJob.set(job);
		try (Observation.Scope scope = this.observations.open(job)) {
			Object result = invocation.proceed();
			this.workload.get().returned(job, result);
			return result;
		}
		catch (Throwable ex) {
			job.fail(ex);
			throw ex;
		}
		finally {
			CurrentJob.set(outer);
		}
	}

	private Job getOrAccept(MethodInvocation invocation, JobMethods.Definition definition) {
		if (invocation instanceof ProxyMethodInvocation proxied
				&& proxied.getUserAttribute(JobSubmissionInterceptor.TICKET) instanceof JobTicket ticket) {
			return ticket.job();
		}
		return this.workload.get().accept(definition.name(), definition.onDrain());
	}

}
