package io.github.gracefulshutdown;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets all tests look more often at what they await: Awaitility's default is to wait for
 * 100 ms before the first look and between two.
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
