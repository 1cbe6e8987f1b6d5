package io.github.gracefulshutdown.web.server;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyReactiveManagementContextAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.actuate.web.server.NettyReactiveManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatReactiveManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatServletManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;

/**
 * The embedded servers, all of which are on the class path of these tests.
 *
 * @author The Graceful Shutdown authors
 */
enum EmbeddedServer {

	TOMCAT(TomcatServletWebServerAutoConfiguration.class, TomcatServletManagementContextAutoConfiguration.class,
			TomcatReactiveWebServerAutoConfiguration.class, TomcatReactiveManagementContextAutoConfiguration.class),

	JETTY(JettyServletWebServerAutoConfiguration.class, JettyServletManagementContextAutoConfiguration.class,
			JettyReactiveWebServerAutoConfiguration.class, JettyReactiveManagementContextAutoConfiguration.class),

	NETTY(NettyReactiveWebServerAutoConfiguration.class, NettyReactiveManagementContextAutoConfiguration.class);

	private final Class<?>[] autoConfigurations;

	EmbeddedServer(Class<?>... autoConfigurations) {
		this.autoConfigurations = autoConfigurations;
	}

	SpringApplicationBuilder application(Class<?> source, WebApplicationType type) {
		return new SpringApplicationBuilder(source).web(type).properties(properties());
	}

	String[] properties() {
		String others = Arrays.stream(values())
			.filter((server) -> server != this)
			.flatMap((server) -> Stream.of(server.autoConfigurations))
			.map(Class::getName)
			.collect(Collectors.joining(","));
		return new String[] { "spring.autoconfigure.exclude=" + others, "test.server=" + name() };
	}

}
