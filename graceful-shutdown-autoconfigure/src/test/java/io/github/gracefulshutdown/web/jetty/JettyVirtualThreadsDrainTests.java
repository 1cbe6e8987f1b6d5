package io.github.gracefulshutdown.web.jetty;

import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The drain of Spring MVC on Jetty with virtual threads. Virtual acceptor threads cannot
 * be found.
 *
 * @author The Graceful Shutdown authors
 */
@EnabledForJreRange(min = JRE.JAVA_21)
class JettyVirtualThreadsDrainTests extends JettyDrainTests {

	@Override
	protected SpringApplicationBuilder application() {
		return super.application().properties("spring.threads.virtual.enabled=true");
	}

}
