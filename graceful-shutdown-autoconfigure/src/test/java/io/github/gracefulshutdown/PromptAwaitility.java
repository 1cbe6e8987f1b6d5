package io.github.gracefulshutdown;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes Awaitility check a condition every 10 ms. Its default is 100 ms, also before the
 * first check.
 *
 * @author The Graceful Shutdown authors
 */
public class PromptAwaitility implements BeforeAllCallback {

	private static final Duration INTERVAL = Duration.ofMillis(10);

	@Override
	public void beforeAll(ExtensionContext context) {
		Awaitility.setDefaultPollDelay(INTERVAL);
		Awaitility.setDefaultPollInterval(INTERVAL);
	}

}
