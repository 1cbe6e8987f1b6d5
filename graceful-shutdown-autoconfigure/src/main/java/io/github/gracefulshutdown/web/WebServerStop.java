package io.github.gracefulshutdown.web;

import java.util.List;
import java.util.concurrent.CountDownLatch;

import io.github.gracefulshutdown.ServingStoppedEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.SmartLifecycle;

/**
 * Stops a web server that no client can reach any more while the drain goes on, so that
 * this is no part of what comes after it. Spring leaves a server alone that has been
 * stopped.
 *
 * @author The Graceful Shutdown authors
 */
public final class WebServerStop
		implements ApplicationListener<PayloadApplicationEvent<ServingStoppedEvent>>, DisposableBean {

	private static final Log logger = LogFactory.getLog(WebServerStop.class);

	/**
	 * As Boot names them, and in the order in which it stops them.
	 */
	private static final List<String> LIFECYCLES = List.of("webServerGracefulShutdown", "webServerStartStop");

	private final RequestWorkload requests;

	private final ConfigurableListableBeanFactory beanFactory;

	private volatile @Nullable Thread thread;

	/**
	 * Create a stop.
	 * @param requests tells whether the server can be reached
	 * @param beanFactory where the lifecycles of the server are
	 */
	public WebServerStop(RequestWorkload requests, ConfigurableListableBeanFactory beanFactory) {
		this.requests = requests;
		this.beanFactory = beanFactory;
	}

	@Override
	public void onApplicationEvent(PayloadApplicationEvent<ServingStoppedEvent> event) {
		if (this.requests.isServerUnreachable()) {
			Thread thread = new Thread(this::stop, "drain-web-server-stop");
			thread.setDaemon(true);
			thread.start();
			this.thread = thread;
		}
	}

	private void stop() {
		try {
			for (String name : LIFECYCLES) {
				if (this.beanFactory.getSingleton(name) instanceof SmartLifecycle lifecycle && lifecycle.isRunning()) {
					CountDownLatch stopped = new CountDownLatch(1);
					lifecycle.stop(stopped::countDown);
					stopped.await();
				}
			}
		}
		catch (Throwable ex) {
			logger.warn("The web server cannot be stopped by the drain, and is left to Spring", ex);
		}
	}

	/**
	 * The server must not be destroyed while it is being stopped.
	 */
	@Override
	public void destroy() throws InterruptedException {
		Thread thread = this.thread;
		if (thread != null) {
			thread.join();
		}
	}

}
