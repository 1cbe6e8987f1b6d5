package io.github.gracefulshutdown.web.tomcat;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import io.github.gracefulshutdown.DrainReport;
import io.github.gracefulshutdown.DrainState;
import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.web.EmbeddedServer;
import io.github.gracefulshutdown.web.HeldRequests;
import io.github.gracefulshutdown.web.RawConnection;
import io.github.gracefulshutdown.web.ServletApplication;
import jakarta.servlet.ServletContext;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.Banner.Mode;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.support.SpringBootServletInitializer;
import org.springframework.context.ApplicationContext;
import org.springframework.web.context.support.WebApplicationContextUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The drain of an application that is deployed as a WAR: requests are tracked and waited
 * for, and the sockets are left to the container.
 *
 * @author The Graceful Shutdown authors
 */
@Timeout(120)
class WarDrainTests {

	private final Tomcat tomcat = new Tomcat();

	@TempDir
	private Path directory;

	@BeforeEach
	void start() throws Exception {
		this.tomcat.setBaseDir(this.directory.toString());
		this.tomcat.setPort(0);
		Context context = this.tomcat.addContext("", this.directory.toString());
		context.addServletContainerInitializer((types, servletContext) -> new War().onStartup(servletContext),
				Set.of());
		this.tomcat.getConnector();
		this.tomcat.start();
	}

	@AfterEach
	void stop() throws Exception {
		this.tomcat.stop();
		this.tomcat.destroy();
	}

	@Test
	void requestsAreFinishedAndTheSocketStaysOpen() throws Exception {
		ApplicationContext application = WebApplicationContextUtils.getRequiredWebApplicationContext(servletContext());
		HeldRequests requests = application.getBean(HeldRequests.class);
		try (RawConnection held = connect(); RawConnection other = connect()) {
			held.send("/held/one");
			requests.awaitArrival("one");
			GracefulShutdown shutdown = application.getBean(GracefulShutdown.class);
			CompletableFuture<DrainReport> report = shutdown.shutdown("test").toCompletableFuture();
			await().until(() -> shutdown.state() == DrainState.DRAINING);
			other.send("/fast");
			assertThat(other.receive()).startsWith("http/1.1 200").contains("connection: close");
			assertThat(report).isNotDone();
			requests.release("one");
			assertThat(held.receive()).startsWith("http/1.1 200").contains("connection: close");
			assertThat(report.join().workloads().get(0).outcomes()).containsEntry(WorkState.COMPLETED, 2L).hasSize(1);
		}
		connect().close();
	}

	private ServletContext servletContext() {
		return ((Context) this.tomcat.getHost().findChildren()[0]).getServletContext();
	}

	private RawConnection connect() throws Exception {
		return new RawConnection(this.tomcat.getConnector().getLocalPort());
	}

	/**
	 * The application.
	 */
	static class War extends SpringBootServletInitializer {

		@Override
		protected SpringApplicationBuilder configure(SpringApplicationBuilder builder) {
			return builder.sources(ServletApplication.class)
				.bannerMode(Mode.OFF)
				.properties(EmbeddedServer.TOMCAT.properties());
		}

	}

}
