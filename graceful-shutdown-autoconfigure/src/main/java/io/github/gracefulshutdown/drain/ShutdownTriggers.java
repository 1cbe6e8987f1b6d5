package io.github.gracefulshutdown.drain;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import io.github.gracefulshutdown.DrainStartedEvent;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.ShutdownTrigger;
import io.github.gracefulshutdown.tracking.BestEffort;
import io.github.gracefulshutdown.tracking.DrainThreads;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.SmartApplicationListener;
import org.springframework.util.StringUtils;

/**
 * Awaits the {@link ShutdownTrigger} beans of one application context.
 *
 * @author The Graceful Shutdown authors
 */
public final class ShutdownTriggers implements SmartApplicationListener, DisposableBean {

	private static final Log logger = LogFactory.getLog(ShutdownTriggers.class);

	private final ApplicationContext context;

	private final Supplier<Map<String, ShutdownTrigger>> triggers;

	private final GracefulShutdown shutdown;

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	private volatile boolean stopping;

	/**
	 * Create the triggers.
	 * @param context the context
	 * @param triggers finds the triggers of that context by the names of their beans
	 * @param shutdown stops the application
	 */
	public ShutdownTriggers(ApplicationContext context, Supplier<Map<String, ShutdownTrigger>> triggers,
			GracefulShutdown shutdown) {
		this.context = context;
		this.triggers = triggers;
		this.shutdown = shutdown;
	}

	@Override
	public boolean supportsEventType(Class<? extends ApplicationEvent> eventType) {
		return ApplicationReadyEvent.class.isAssignableFrom(eventType)
				|| PayloadApplicationEvent.class.isAssignableFrom(eventType);
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		if (event instanceof ApplicationReadyEvent ready && ready.getApplicationContext() == this.context) {
			this.triggers.get().forEach(this::start);
		}
		else if (event instanceof PayloadApplicationEvent<?> payload && payload.getSource() == this.context
				&& payload.getPayload() instanceof DrainStartedEvent started && started.remaining() != null) {
			destroy();
		}
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	private void start(String name, ShutdownTrigger trigger) {
		Thread thread = DrainThreads.create("trigger-" + name, () -> await(name, trigger));
		this.threads.add(thread);
		thread.start();
		if (this.stopping) {
			thread.interrupt();
		}
	}

	private void await(String name, ShutdownTrigger trigger) {
		try {
			String reason = trigger.await();
			this.shutdown.shutdown(StringUtils.hasText(reason) ? reason : name);
		}
		catch (Throwable ex) {
			if (!this.stopping) {
				BestEffort.warn(logger,
						"The shutdown trigger '%s' failed, and cannot stop the application any more".formatted(name),
						ex);
			}
		}
	}

	@Override
	public void destroy() {
		this.stopping = true;
		this.threads.forEach(Thread::interrupt);
	}

}
