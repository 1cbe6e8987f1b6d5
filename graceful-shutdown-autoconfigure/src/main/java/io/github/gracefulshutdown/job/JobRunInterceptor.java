package io.github.gracefulshutdown.job;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

import io.github.gracefulshutdown.TrackedSubmission;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Tracks the run of a job, on the thread that runs it. If the job was submitted through
 * {@code @Async}, it stands behind that in the same proxy, and goes on with the job that
 * {@link JobSubmissionInterceptor} accepted.
 *
 * @author The Graceful Shutdown authors
 */
final class JobRunInterceptor implements MethodInterceptor {

	private static final Log logger = LogFactory.getLog(JobRunInterceptor.class);

	private final Supplier<JobWorkload> workload;

	private final Supplier<ObservationRegistry> observations;

	private final JobMethods methods;

	JobRunInterceptor(Supplier<JobWorkload> workload, Supplier<ObservationRegistry> observations, JobMethods methods) {
		this.workload = workload;
		this.observations = observations;
		this.methods = methods;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		// If the calling thread is the one that submitted the job, what the job submits
		// is not
		// announced
		TrackedSubmission.take();
		Job job = getOrAccept(invocation);
		if (!job.run()) {
			throw new CancellationException(
					"Background job '%s' was given up before it began".formatted(job.getName()));
		}
		try (Observation.Scope scope = observe(job)) {
			Object result = invocation.proceed();
			this.workload.get().returned(job, result);
			return result;
		}
		catch (Throwable ex) {
			job.fail(ex);
			throw ex;
		}
	}

	// No failure of an observation keeps the job from being run, and from ending
	private Observation.Scope observe(Job job) {
		ObservationRegistry registry = this.observations.get();
		Observation.Scope outerScope = registry.getCurrentObservationScope();
		try {
			Observation observation = Observation.createNotStarted("background.job", registry)
				.contextualName("job " + job.getName())
				.lowCardinalityKeyValue("job", job.getName())
				.start();
			job.setObservation(observation);
			return observation.openScope();
		}
		catch (RuntimeException ex) {
			logger.warn("Failed to observe background job '%s'".formatted(job.getName()), ex);
			registry.setCurrentObservationScope(outerScope);
			return Observation.Scope.NOOP;
		}
	}

	private Job getOrAccept(MethodInvocation invocation) {
		if (invocation instanceof ProxyMethodInvocation proxied
				&& proxied.getUserAttribute(JobSubmissionInterceptor.TICKET) instanceof JobTicket ticket) {
			return ticket.job();
		}
		return this.workload.get().accept(this.methods.name(invocation));
	}

}
