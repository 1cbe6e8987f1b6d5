package io.github.gracefulshutdown.job;

import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

import io.github.gracefulshutdown.tracking.TrackedSubmission;
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

	private static final Set<String> VOIDS = Set.of("void", "java.lang.Void", "kotlin.Unit");

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
		if (invocation instanceof ProxyMethodInvocation proxied
				&& proxied.getUserAttribute(JobSubmissionInterceptor.TICKET) instanceof JobTicket ticket) {
			return runSubmitted(ticket.job(), invocation, definition);
		}
		if (!definition.declared() || definition.onDrain() == OnDrain.IGNORE) {
			return invocation.proceed();
		}
		PublisherTracker publishers = definition.publishers();
		return (publishers != null) ? track(invocation.proceed(), publishers, definition)
				: runCall(invocation, definition);
	}

	private static @Nullable Object track(@Nullable Object result, PublisherTracker publishers,
			JobMethods.Definition definition) {
		return (result != null)
				? publishers.track(result, definition.returnType(), definition.name(), definition.onDrain()) : null;
	}

	private @Nullable Object runSubmitted(Job job, MethodInvocation invocation, JobMethods.Definition definition)
			throws Throwable {
		if (job.attach()) {
			return run(job, invocation, definition.declared());
		}
		// Without a future, the exception would go to the handler of uncaught exceptions.
		// The report of the drain names the job
		if (VOIDS.contains(definition.returnType().getName())) {
			return null;
		}
		throw givenUp(job);
	}

	private @Nullable Object runCall(MethodInvocation invocation, JobMethods.Definition definition) throws Throwable {
		JobWorkload workload = this.workload.get();
		Job job = definition.newJob(workload);
		if (!workload.admitCall(job)) {
			return proceed(invocation, job);
		}
		if (!job.attach()) {
			throw givenUp(job);
		}
		return run(job, invocation, true);
	}

	private static CancellationException givenUp(Job job) {
		return new CancellationException("Background job '%s' was given up before it began".formatted(job.getName()));
	}

	private @Nullable Object run(Job job, MethodInvocation invocation, boolean observed) throws Throwable {
		try (JobObservations.Scope scope = observed ? this.observations.open(job) : JobObservations.Scope.NOOP) {
			Object result = proceed(invocation, job);
			this.workload.get().returned(job, result);
			return result;
		}
		catch (Throwable ex) {
			job.fail(ex);
			throw ex;
		}
	}

	private static @Nullable Object proceed(MethodInvocation invocation, Job job) throws Throwable {
		JobContext outer = CurrentJob.get();
		CurrentJob.set(job);
		try {
			return invocation.proceed();
		}
		finally {
			CurrentJob.set(outer);
		}
	}

}
