package io.github.gracefulshutdown.sample.webhook;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

import org.springframework.core.io.ClassPathResource;

/**
 * The web-hooks of GitHub that the tests send.
 *
 * @author The Graceful Shutdown authors
 */
public final class Payloads {

	private Payloads() {
	}

	public static String mergedFirst() {
		return read("closed-merged-first.json");
	}

	static String ping() {
		return read("ping.json");
	}

	private static String read(String name) {
		try {
			return new ClassPathResource("payloads/" + name).getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Sign as GitHub does.
	 * @param secret the secret of the web-hook
	 * @param payload the payload
	 * @return the value of the header
	 */
	public static String sign(String secret, String payload) {
		return new WebhookSignature(new WebhookProperties(secret)).sign(payload.getBytes(StandardCharsets.UTF_8));
	}

}
