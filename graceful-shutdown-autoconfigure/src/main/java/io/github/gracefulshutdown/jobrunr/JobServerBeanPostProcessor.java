package io.github.gracefulshutdown.jobrunr;

import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.gracefulshutdown.tracking.ProxyTargets;
import org.jobrunr.server.BackgroundJobServer;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Ensures that the jobs of beans of type {@link BackgroundJobServer} are waited for.
 *
 * @author The Graceful Shutdown authors
 */
public final class JobServerBeanPostProcessor implements BeanPostProcessor {

	private final Supplier<JobRunrWorkload> workload;

	private final Predicate<String> excluded;

	/**
	 * Create a post-processor.
	 * @param workload waits for the jobs, created with the first server
	 * @param excluded decides by its name whether a server is left alone
	 */
	public JobServerBeanPostProcessor(Supplier<JobRunrWorkload> workload, Predicate<String> excluded) {
		this.workload = workload;
		this.excluded = excluded;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (ProxyTargets.find(bean) instanceof BackgroundJobServer server && !this.excluded.test(beanName)) {
			this.workload.get().add(server);
		}
		return bean;
	}

}
