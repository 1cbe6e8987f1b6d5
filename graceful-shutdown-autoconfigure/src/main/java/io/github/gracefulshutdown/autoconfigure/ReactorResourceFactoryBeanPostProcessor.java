package io.github.gracefulshutdown.autoconfigure;

import java.lang.reflect.Method;
import java.time.Duration;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyConfigurations.ReactorResourceFactoryConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyProperties;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * Spares the quiet period of Reactor Netty: before they stop, its event loops wait for
 * two seconds without a task, and after a drain nothing is left that could submit one.
 * Leaves the factory alone if the application defines its own or configures the period.
 *
 * @author The Graceful Shutdown authors
 */
final class ReactorResourceFactoryBeanPostProcessor implements BeanPostProcessor {

	private final ConfigurableListableBeanFactory beanFactory;

	private final ObjectProvider<ReactorNettyProperties> properties;

	ReactorResourceFactoryBeanPostProcessor(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<ReactorNettyProperties> properties) {
		this.beanFactory = beanFactory;
		this.properties = properties;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof ReactorResourceFactory factory && isMadeByBoot(beanName)
				&& this.properties.getObject().getShutdownQuietPeriod() == null) {
			factory.setShutdownQuietPeriod(Duration.ZERO);
		}
		return bean;
	}

	private boolean isMadeByBoot(String beanName) {
		if (!this.beanFactory.containsBeanDefinition(beanName)
				|| !(this.beanFactory.getMergedBeanDefinition(beanName) instanceof RootBeanDefinition definition)) {
			return false;
		}
		Method method = definition.getResolvedFactoryMethod();
		return method != null && method.getDeclaringClass() == ReactorResourceFactoryConfiguration.class;
	}

}
