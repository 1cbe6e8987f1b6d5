package io.github.gracefulshutdown.job;

import java.lang.reflect.Method;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.tracking.TrackedSubmission;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.interceptor.AsyncExecutionInterceptor;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.BridgeMethodResolver;

/**
 * Accepts a job before {@code @Async} submits it, whatever executor runs it. The method
 * invocation carries the job through the executor to {@link JobRunInterceptor}.
 *
 * @author The Graceful Shutdown authors
 */
final class JobSubmissionInterceptor implements MethodInterceptor {

	static final String TICKET = JobTicket.class.getName();

	private final Supplier<JobWorkload> workload;

	private final JobMethods methods;

	private final AsyncExecutionInterceptor async;

	private final ExcludedExecutors excluded;

	/**
	 * Create an interceptor.
	 * @param workload where jobs are tracked
	 * @param methods the definitions of jobs
	 * @param async the interceptor that submits the jobs
	 * @param excluded the executors whose tasks are no jobs without an annotation
	 */
	JobSubmissionInterceptor(Supplier<JobWorkload> workload, JobMethods methods, AsyncExecutionInterceptor async,
			ExcludedExecutors excluded) {
		this.workload = workload;
		this.methods = methods;
		this.async = async;
		this.excluded = excluded;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		JobMethods.Definition definition = this.methods.get(invocation);
		// With a reactive method, each subscription is a job, not the call
		if (definition.onDrain() == OnDrain.IGNORE || definition.publishers() != null) {
			return TrackedSubmission.during(invocation::proceed);
		}
		Job job = accept(invocation, definition);
		return (job != null) ? TrackedSubmission.during(() -> submit(invocation, job)) : invocation.proceed();
	}

	private @Nullable Job accept(MethodInvocation invocation, JobMethods.Definition definition) {
		JobWorkload workload = this.workload.get();
		if (definition.declared()) {
			return workload.acceptForExecutor(definition.newJob(workload));
		}
		if (this.excluded.contain(this.async, userMethod(invocation))) {
			return null;
		}
		Job job = definition.newJob(workload);
		return workload.admit(job) ? job : null;
	}

	// As the interceptor of @Async does
	private static Method userMethod(MethodInvocation invocation) {
		Object target = invocation.getThis();
		return BridgeMethodResolver.getMostSpecificMethod(invocation.getMethod(),
				(target != null) ? AopUtils.getTargetClass(target) : null);
	}

	private @Nullable Object submit(MethodInvocation invocation, Job job) throws Throwable {
		((ProxyMethodInvocation) invocation).setUserAttribute(TICKET, this.workload.get().issueTicket(job));
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
