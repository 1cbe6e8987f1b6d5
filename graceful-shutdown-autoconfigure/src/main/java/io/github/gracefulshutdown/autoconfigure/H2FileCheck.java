package io.github.gracefulshutdown.autoconfigure;

import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Warns of H2 databases in files, which an interrupt may close. Only looks at beans that
 * exist, and connects to nothing.
 *
 * @author The Graceful Shutdown authors
 */
final class H2FileCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(H2FileCheck.class);

	/**
	 * Not in memory, not on a server, and not on channels that survive an interrupt.
	 */
	private static final Pattern FILE = Pattern.compile("jdbc:h2:(file:|nio:|nioMapped:|split:(\\d+:)?)*+"
			+ "(?!(mem|memFS|memLZF|nioMemFS|nioMemLZF|tcp|ssl|async|retry|zip|classpath):).*");

	private final ConfigurableListableBeanFactory beanFactory;

	H2FileCheck(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		for (String name : this.beanFactory.getBeanNamesForType(DataSource.class, true, false)) {
			String url = this.beanFactory.containsSingleton(name) ? findUrl(this.beanFactory.getSingleton(name)) : null;
			if (url != null && isFile(url)) {
				logger.warn(("DataSource '%s' is an H2 database in a file. The drain interrupts unfinished work before"
						+ " the deadline, and that may close the database for all others: use jdbc:h2:async:..., or set"
						+ " graceful-shutdown.jobs.interrupt=false")
					.formatted(name));
			}
		}
	}

	static boolean isFile(String url) {
		return FILE.matcher(url).matches();
	}

	// Pools name it differently, and none of them is on every classpath
	private static @Nullable String findUrl(@Nullable Object dataSource) {
		if (dataSource == null) {
			return null;
		}
		Object target = AopProxyUtils.getSingletonTarget(dataSource);
		if (target != null) {
			return findUrl(target);
		}
		try {
			BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(dataSource);
			for (String name : new String[] { "jdbcUrl", "url" }) {
				if (properties.isReadableProperty(name) && properties.getPropertyValue(name) instanceof String url) {
					return url;
				}
			}
			return properties.isReadableProperty("targetDataSource")
					? findUrl(properties.getPropertyValue("targetDataSource")) : null;
		}
		catch (BeansException ex) {
			return null;
		}
	}

}
