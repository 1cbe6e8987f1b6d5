package io.github.gracefulshutdown.durable;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * {@link DurableJobs} that are stored, or done by the caller in tests.
 *
 * @author The Graceful Shutdown authors
 */
public final class DefaultDurableJobs implements DurableJobs {

	private final DurableJobDefinitions definitions;

	private final JobJson json;

	private final @Nullable DurableEngine engine;

	private final BeanFactory beanFactory;

	/**
	 * Create an instance.
	 * @param postProcessor knows the jobs
	 * @param engine stores and runs the jobs, or {@code null} if the caller does them
	 * @param beanFactory has the beans of the jobs
	 */
	public DefaultDurableJobs(DurableJobBeanPostProcessor postProcessor, @Nullable DurableEngine engine,
			BeanFactory beanFactory) {
		this.definitions = postProcessor.getDefinitions();
		this.json = postProcessor.getJson();
		this.engine = engine;
		this.beanFactory = beanFactory;
	}

	boolean isDirect() {
		return this.engine == null;
	}

	@Nullable Object[] copy(DurableJobDefinition definition, @Nullable Object[] arguments) {
		return this.json.read(definition, this.json.write(definition, arguments));
	}

	@Override
	public JobId enqueue(String name, @Nullable Object... arguments) {
		DurableJobDefinition definition = this.definitions.find(name);
		if (definition == null) {
			throw new IllegalArgumentException("There is no durable job '%s' in this application".formatted(name));
		}
		if (this.engine != null) {
			return enqueue(definition, arguments);
		}
		@Nullable Object[] copy = copy(definition, arguments);
		try {
			definition.call(this.beanFactory.getBean(definition.beanName()), copy);
		}
		catch (Throwable ex) {
			ReflectionUtils.rethrowRuntimeException(ex);
		}
		return new JobId(UUID.randomUUID().toString());
	}

	JobId enqueue(DurableJobDefinition definition, @Nullable Object[] arguments) {
		DurableEngine engine = this.engine;
		if (engine == null) {
			throw new IllegalStateException("Durable jobs are done by their callers");
		}
		return engine.store(definition.name(), definition.keyOf(arguments), this.json.write(definition, arguments));
	}

	@Override
	public Optional<DurableJobInfo> find(JobId id) {
		return (this.engine != null) ? this.engine.find(id) : Optional.empty();
	}

	@Override
	public List<DurableJobInfo> list(DurableJobState state, int limit) {
		Assert.isTrue(limit > 0, "limit must be 1 or more");
		return (this.engine != null) ? this.engine.list(state, limit) : List.of();
	}

	@Override
	public boolean retry(JobId id) {
		return this.engine != null && this.engine.retry(id);
	}

	@Override
	public boolean discard(JobId id) {
		return this.engine != null && this.engine.discard(id);
	}

}
