package io.github.gracefulshutdown.durable;

import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.support.AopUtils;

/**
 * Stores the call of a durable job instead of doing it.
 *
 * @author The Graceful Shutdown authors
 */
final class DurableJobInterceptor implements MethodInterceptor {

	private final Supplier<DefaultDurableJobs> jobs;

	private final DurableJobBeanPostProcessor.Finder finder;

	private final Class<?> targetClass;

	DurableJobInterceptor(Supplier<DefaultDurableJobs> jobs, DurableJobBeanPostProcessor.Finder finder,
			Class<?> targetClass) {
		this.jobs = jobs;
		this.finder = finder;
		this.targetClass = targetClass;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		DurableJobDefinition definition = this.finder
			.apply(AopUtils.getMostSpecificMethod(invocation.getMethod(), this.targetClass));
		if (definition == null) {
			return invocation.proceed();
		}
		DefaultDurableJobs jobs = this.jobs.get();
		if (jobs.isDirect()) {
			if (invocation instanceof ProxyMethodInvocation proxied) {
				proxied.setArguments(jobs.copy(definition, invocation.getArguments()));
			}
			return invocation.proceed();
		}
		jobs.enqueue(definition, invocation.getArguments());
		return null;
	}

}
