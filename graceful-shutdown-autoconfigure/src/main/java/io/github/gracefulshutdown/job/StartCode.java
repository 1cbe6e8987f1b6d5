package io.github.gracefulshutdown.job;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.GenericApplicationListenerAdapter;
import org.springframework.context.event.SmartApplicationListener;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;

/**
 * The code that runs between the start of the beans and the moment at which the
 * application is ready.
 *
 * @author The Graceful Shutdown authors
 */
final class StartCode {

	private static final ResolvableType READY = ResolvableType.forClass(ApplicationReadyEvent.class);

	/**
	 * Where the listeners are that every application has.
	 */
	private static final List<String> FRAMEWORKS = List.of("org.springframework.", "io.github.gracefulshutdown.drain.");

	private StartCode() {
	}

	/**
	 * Return whether some of the code may be the application's, or that of a library that
	 * works for it.
	 * @param context the context of the application
	 * @return {@code false} if there is no runner, and no listener to
	 * {@code ApplicationReadyEvent} but those of Spring
	 */
	static boolean isIn(ApplicationContext context) {
		return hasBean(context, ApplicationRunner.class) || hasBean(context, CommandLineRunner.class)
				|| isListening(context);
	}

	private static boolean hasBean(ListableBeanFactory beans, Class<?> type) {
		return beans.getBeanNamesForType(type, true, false).length > 0;
	}

	// Events go to the parents, too
	private static boolean isListening(@Nullable ApplicationContext context) {
		if (context instanceof AbstractApplicationContext known) {
			return Stream.concat(listeners(known), listenersToCome(known)).anyMatch(StartCode::isOfApplication)
					|| isListening(context.getParent());
		}
		return context != null;
	}

	private static Stream<String> listeners(AbstractApplicationContext context) {
		return context.getApplicationListeners()
			.stream()
			.filter((listener) -> new GenericApplicationListenerAdapter(listener).supportsEventType(READY))
			.map(StartCode::name);
	}

	// Lazy beans, and those with another scope
	private static Stream<String> listenersToCome(AbstractApplicationContext context) {
		return Arrays.stream(context.getBeanNamesForType(ApplicationListener.class, true, false))
			.filter((name) -> !context.getBeanFactory().containsSingleton(name))
			.map(context::getType)
			.map((type) -> (type != null) ? type.getName() : "");
	}

	// The adapter of an annotated method is Spring's, and the identifier names the method
	private static String name(ApplicationListener<?> listener) {
		String id = (listener instanceof SmartApplicationListener smart) ? smart.getListenerId() : "";
		return id.isEmpty() ? listener.getClass().getName() : id;
	}

	private static boolean isOfApplication(String name) {
		return FRAMEWORKS.stream().noneMatch(name::startsWith);
	}

}
