package io.github.gracefulshutdown.job;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.TrackedSubmission;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Accepts a job before {@code @Async} submits it. The method invocation carries the job
 * through the executor to {@link JobRunInterceptor}.
 *
 * @author The Graceful Shutdown authors
 */
final class JobSubmissionInterceptor implements MethodInterceptor {

	static final String TICKET = JobTicket.class.getName();

	private final Supplier<JobWorkload> workload;

	private final JobMethods methods;

	JobSubmissionInterceptor(Supplier<JobWorkload> workload, JobMethods methods) {
		this.workload = workload;
		this.methods = methods;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		JobMethods.Definition definition = this.methods.get(invocation);
		// With a reactive method, each subscription is a job, not the call
		boolean callIsJob = (definition.onDrain() != OnDrain.IGNORE && definition.publishers() == null);
		return TrackedSubmission.during(() -> callIsJob ? submit(invocation, definition) : invocation.proceed());
	}

	private @Nullable Object submit(MethodInvocation invocation, JobMethods.Definition definition) throws Throwable {
		JobWorkload workload = this.workload.get();
		Job job = workload.accept(definition.name(), definition.onDrain());
		((ProxyMethodInvocation) invocation).setUserAttribute(TICKET, workload.issueTicket(job));
		if (CompletableFuture.class.isAssignableFrom(invocation.getMethod().getReturnType())) {
			job.endsWithFuture();
		}
		Object result;
		try {
			result = invocation.proceed();
		}
		catch (RejectedExecutionException ex) {
			job.end(WorkState.REJECTED);
			throw ex;
		}
		catch (Throwable ex) {
			job.futureCompleted();
			job.fail(ex);
			throw ex;
		}
		if (result instanceof CompletableFuture<?> future) {
			future.whenComplete((value, ex) -> {
				// The holder of the future may have completed it before the job began
				job.discard(WorkState.CANCELLED);
				job.futureCompleted();
			});
		}
		else {
			job.futureCompleted();
		}
		return result;
	}

}
