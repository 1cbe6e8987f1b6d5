package io.github.gracefulshutdown.tracking;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;

/**
 * Finds the object behind a bean that may be a proxy.
 *
 * @author The Graceful Shutdown authors
 */
public final class ProxyTargets {

	private ProxyTargets() {
	}

	/**
	 * Return the object itself.
	 * @param bean the bean
	 * @return the bean or its target; {@code null} if the target of the proxy changes, in
	 * which case each target is a bean of its own
	 */
	public static @Nullable Object find(@Nullable Object bean) {
		return (bean != null && AopUtils.isAopProxy(bean)) ? AopProxyUtils.getSingletonTarget(bean) : bean;
	}

	/**
	 * Return the name by which an application knows a bean.
	 * @param beanName the name of the bean, or of the target of a scoped proxy
	 * @return the name without the prefix of scoped targets
	 */
	public static String originalName(String beanName) {
		return ScopedProxyUtils.isScopedTarget(beanName) ? ScopedProxyUtils.getOriginalBeanName(beanName) : beanName;
	}

}
