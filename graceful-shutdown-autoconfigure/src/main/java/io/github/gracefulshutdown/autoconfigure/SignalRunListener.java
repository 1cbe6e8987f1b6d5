package io.github.gracefulshutdown.autoconfigure;

import java.time.Duration;

import io.github.gracefulshutdown.drain.ApplicationStart;
import io.github.gracefulshutdown.drain.SignalSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Takes care of signals while an application starts, before it has any bean.
 *
 * @author The Graceful Shutdown authors
 */
final class SignalRunListener implements SpringApplicationRunListener {

	private @Nullable ApplicationStart start;

	@Override
	public void contextPrepared(ConfigurableApplicationContext context) {
		Environment environment = context.getEnvironment();
		if (isSet(environment, "enabled")) {
			this.start = new ApplicationStart(new SignalSettings(isSet(environment, "before-jvm-hooks"),
					isSet(environment, "force-on-second-interrupt")));
			this.start.begin();
		}
	}

	private static boolean isSet(Environment environment, String property) {
		return environment.getProperty("graceful-shutdown." + property, Boolean.class, true);
	}

	@Override
	public void started(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		end();
	}

	@Override
	public void failed(@Nullable ConfigurableApplicationContext context, Throwable exception) {
		end();
	}

	private void end() {
		if (this.start != null) {
			this.start.end();
		}
	}

}
