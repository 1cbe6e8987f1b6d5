package io.github.gracefulshutdown.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import io.github.gracefulshutdown.GracefulShutdown;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for applications on whose class path there are only some of the optional
 * libraries.
 *
 * @author The Graceful Shutdown authors
 */
class MissingJarTests {

	@ParameterizedTest
	@ValueSource(strings = { "spring-boot-actuator", "spring-boot-health",
			"micrometer-core|micrometer-jakarta9|spring-boot-micrometer-metrics",
			"actuator|spring-boot-health|micrometer-(core|jakarta|metrics)|tomcat|web|servlet|http-converter|spring-tx" })
	void applicationStartsAndDrainsWithout(String jars) throws Exception {
		Pattern missing = Pattern.compile("/[^/]*(%s)[^/]*\\.jar$".formatted(jars));
		Thread thread = Thread.currentThread();
		ClassLoader contextClassLoader = thread.getContextClassLoader();
		try (URLClassLoader classLoader = new URLClassLoader(classPathWithout(missing),
				ClassLoader.getPlatformClassLoader())) {
			thread.setContextClassLoader(classLoader);
			Class<?> application = classLoader.loadClass(Application.class.getName());
			Object states = application.getMethod("runAndClose").invoke(null);
			assertThat(states).isEqualTo("RUNNING, then DRAINED");
		}
		finally {
			thread.setContextClassLoader(contextClassLoader);
		}
	}

	private static URL[] classPathWithout(Pattern missing) throws IOException {
		List<URL> classPath = new ArrayList<>();
		for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
			URL url = new File(path).toURI().toURL();
			if (!missing.matcher(url.getPath()).find()) {
				classPath.add(url);
			}
		}
		assertThat(classPath).hasSizeGreaterThan(10);
		return classPath.toArray(URL[]::new);
	}

	/**
	 * Application that is run with another class loader than that of the test.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Application {

		public static String runAndClose() {
			SpringApplication application = new SpringApplication(Application.class);
			application.setWebApplicationType(WebApplicationType.NONE);
			try (ConfigurableApplicationContext context = application.run()) {
				GracefulShutdown shutdown = context.getBean(GracefulShutdown.class);
				String state = shutdown.state().name();
				context.close();
				return state + ", then " + shutdown.state();
			}
		}

	}

}
