package io.github.gracefulshutdown.job;

import java.lang.reflect.Method;

import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Matches the methods that are background jobs.
 *
 * @author The Graceful Shutdown authors
 */
final class BackgroundJobPointcut extends StaticMethodMatcherPointcut {

	BackgroundJobPointcut() {
		setClassFilter((type) -> AnnotationUtils.isCandidateClass(type, BackgroundJob.class));
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return !ReflectionUtils.isObjectMethod(method)
				&& (AnnotatedElementUtils.hasAnnotation(AopUtils.getMostSpecificMethod(method, targetClass),
						BackgroundJob.class) || AnnotatedElementUtils.hasAnnotation(targetClass, BackgroundJob.class));
	}

}
