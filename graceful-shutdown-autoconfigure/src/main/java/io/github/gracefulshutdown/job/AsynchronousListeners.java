package io.github.gracefulshutdown.job;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the message listeners and {@code @Scheduled} methods that are still at work after
 * they have returned. Their containers do not wait for that, so such methods are tracked
 * like {@link BackgroundJob} methods. They are left alone where a proxy could do harm,
 * because the application has not asked for one.
 *
 * @author The Graceful Shutdown authors
 */
final class AsynchronousListeners {

	private static final List<String> LISTENERS = List.of("org.springframework.kafka.annotation.KafkaListener",
			"org.springframework.kafka.annotation.KafkaHandler",
			"org.springframework.amqp.rabbit.annotation.RabbitListener",
			"org.springframework.amqp.rabbit.annotation.RabbitHandler");

	private static final int HIDDEN = Modifier.PRIVATE | Modifier.STATIC;

	private final List<String> annotations;

	/**
	 * Create an instance.
	 * @param scheduled whether {@code @Scheduled} methods belong to them
	 */
	AsynchronousListeners(boolean scheduled) {
		this.annotations = new ArrayList<>(LISTENERS);
		if (scheduled) {
			this.annotations.add(Scheduled.class.getName());
		}
	}

	boolean isCandidate(Class<?> type) {
		return this.annotations.stream().anyMatch((annotation) -> AnnotationUtils.isCandidateClass(type, annotation));
	}

	boolean areIn(Class<?> type) {
		return isCandidate(type) && Stream.of(methodsOf(type)).anyMatch((method) -> contains(method, type));
	}

	boolean contains(Method method, Class<?> targetClass) {
		return returnsBeforeTheEnd(method) && isListener(method) && isSafelyProxied(targetClass);
	}

	private static boolean returnsBeforeTheEnd(Method method) {
		return CompletionStage.class.isAssignableFrom(method.getReturnType()) || JobMethods.isReactive(method);
	}

	private boolean isListener(Method method) {
		MergedAnnotations annotations = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY);
		return this.annotations.stream().anyMatch(annotations::isPresent);
	}

	// A call of a final method would reach the proxy, whose fields are not set. A test
	// may read fields. Spring refuses a private listener if its bean has a proxy
	private boolean isSafelyProxied(Class<?> type) {
		return !hasVisibleFields(type) && Stream.of(methodsOf(type))
			.noneMatch((method) -> Modifier.isPrivate(method.getModifiers()) ? isListener(method)
					: Modifier.isFinal(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()));
	}

	private static boolean hasVisibleFields(Class<?> type) {
		for (Class<?> owner = type; owner != null; owner = owner.getSuperclass()) {
			if (Stream.of(owner.getDeclaredFields())
				.anyMatch((field) -> !field.isSynthetic() && (field.getModifiers() & HIDDEN) == 0)) {
				return true;
			}
		}
		return false;
	}

	private static Method[] methodsOf(Class<?> type) {
		return ReflectionUtils.getUniqueDeclaredMethods(type, ReflectionUtils.USER_DECLARED_METHODS);
	}

}
