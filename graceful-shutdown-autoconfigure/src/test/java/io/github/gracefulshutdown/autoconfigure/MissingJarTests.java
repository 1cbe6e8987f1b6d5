package io.github.gracefulshutdown.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import io.github.gracefulshutdown.GracefulShutdown;
import io.github.gracefulshutdown.WorkState;
import io.github.gracefulshutdown.job.BackgroundJob;
import io.github.gracefulshutdown.job.BackgroundJobs;
import io.github.gracefulshutdown.job.JobWorkload;
import io.github.gracefulshutdown.job.ReactiveBackgroundJobs;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for applications with only some of the optional libraries on the class path.
 *
 * @author The Graceful Shutdown authors
 */
class MissingJarTests {

	@Test
	void withoutReactorAllOtherTypesCanBeLoaded() throws Exception {
		runWithout("reactor|reactive-streams|webflux", (classLoader) -> {
			Class<?> application = classLoader.loadClass(Application.class.getName());
			assertThat(application.getMethod("runAndLookAtJobs").invoke(null)).isEqualTo("COMPLETED, tracked by hand");
			Class<?> reactive = classLoader.loadClass(ReactiveBackgroundJobs.class.getName());
			assertThatExceptionOfType(NoClassDefFoundError.class).isThrownBy(reactive::getMethods)
				.withMessageContaining("reactor/core/publisher");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring-boot-actuator", "reactor|reactive-streams|webflux", "spring-boot-health",
			"micrometer-core|micrometer-jakarta9|spring-boot-micrometer-metrics", "quartz|spring-context-support",
			"batch", "db-scheduler|jobrunr", "spring-webmvc", "spring-websocket", "grpc|protobuf", "kafka",
			"rabbit|amqp",
			"actuator|spring-boot-health|micrometer-(core|jakarta|metrics)|tomcat|web|servlet|http-converter|spring-tx|batch|quartz|db-scheduler|jobrunr|jdbc|kafka|rabbit|amqp|rsocket" })
	void applicationStartsAndDrainsWithout(String jars) throws Exception {
		runWithout(jars, (classLoader) -> {
			Class<?> application = classLoader.loadClass(Application.class.getName());
			Object states = application.getMethod("runAndClose").invoke(null);
			assertThat(states).isEqualTo("RUNNING, then DRAINED");
		});
	}

	private static void runWithout(String jars, ThrowingConsumer<ClassLoader> test) throws IOException {
		Pattern missing = Pattern.compile("/[^/]*(%s)[^/]*\\.jar$".formatted(jars));
		Thread thread = Thread.currentThread();
		ClassLoader contextClassLoader = thread.getContextClassLoader();
		try (URLClassLoader classLoader = new URLClassLoader(classPathWithout(missing),
				ClassLoader.getPlatformClassLoader())) {
			thread.setContextClassLoader(classLoader);
			test.accept(classLoader);
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
	 * Application with a class loader of its own.
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

		/**
		 * Uses the types of beans as mocks, proxies and the bean factory do.
		 * @return the outcome
		 */
		public static String runAndLookAtJobs() {
			SpringApplication application = new SpringApplication(Application.class, Letters.class);
			application.setWebApplicationType(WebApplicationType.NONE);
			try (ConfigurableApplicationContext context = application.run()) {
				for (String name : context.getBeanNamesForType(Object.class)) {
					Class<?> type = AopUtils.getTargetClass(context.getBean(name));
					if (type.getName().startsWith(DrainApplication.PACKAGE)) {
						ReflectionUtils.getAllDeclaredMethods(type);
						ClassUtils.getAllInterfacesForClass(type, type.getClassLoader());
					}
				}
				context.getBean(Letters.class).send();
				BackgroundJobs jobs = context.getBean(BackgroundJobs.class);
				BackgroundJobs proxy = (BackgroundJobs) Proxy.newProxyInstance(BackgroundJobs.class.getClassLoader(),
						new Class<?>[] { BackgroundJobs.class },
						(self, method, arguments) -> method.invoke(jobs, arguments));
				proxy.track("by hand").close();
				JobWorkload workload = context.getBean(JobWorkload.class);
				// The start of the application is the first of three
				return (workload.getCount(WorkState.COMPLETED) == 3) ? "COMPLETED, tracked by hand" : "not completed";
			}
		}

	}

	/**
	 * Bean with a job.
	 */
	public static class Letters {

		@BackgroundJob("send")
		public void send() {
		}

	}

}
