package io.github.gracefulshutdown.executor;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;

/**
 * What is behind a bean that may be a proxy.
 *
 * @author The Graceful Shutdown authors
 */
final class ProxyTargets {

	private ProxyTargets() {
	}

	/**
	 * Return the object itself.
	 * @param bean the bean
	 * @return the bean or its target; {@code null} if the proxy has one that changes, and
	 * is a bean of its own
	 */
	static @Nullable Object find(Object bean) {
		return AopUtils.isAopProxy(bean) ? AopProxyUtils.getSingletonTarget(bean) : bean;
	}

	/**
	 * Return the name by which an application knows a bean.
	 * @param beanName the name of the bean, or of the target of a scoped proxy
	 * @return the name without that prefix
	 */
	static String originalName(String beanName) {
		return ScopedProxyUtils.isScopedTarget(beanName) ? ScopedProxyUtils.getOriginalBeanName(beanName) : beanName;
	}

}
