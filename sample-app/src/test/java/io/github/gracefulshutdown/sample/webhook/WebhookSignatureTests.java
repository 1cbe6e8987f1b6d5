package io.github.gracefulshutdown.sample.webhook;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WebhookSignature}, with the example of GitHub's documentation.
 *
 * @author The Graceful Shutdown authors
 */
class WebhookSignatureTests {

	private static final String DIGEST = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

	private static final byte[] BODY = "Hello, World!".getBytes(StandardCharsets.UTF_8);

	private final WebhookSignature signature = new WebhookSignature(
			new WebhookProperties("It's a Secret to Everybody"));

	@Test
	void matchesWhatGitHubSends() {
		assertThat(this.signature.matches("sha256=" + DIGEST, BODY)).isTrue();
	}

	@Test
	void doesNotMatchAnotherBody() {
		assertThat(this.signature.matches("sha256=" + DIGEST, "Hello, World?".getBytes(StandardCharsets.UTF_8)))
			.isFalse();
	}

	@ParameterizedTest
	@NullAndEmptySource
	@ValueSource(strings = { "sha256=", DIGEST, "sha1=" + DIGEST, "sha256=" + DIGEST + "0", "sha256=" + DIGEST + " ",
			"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18",
			"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e",
			"sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17",
			"sha256=dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=", "sha256=\u0667\u0665\u0667\ud83d\ude00" })
	void doesNotMatchAnythingElse(String signature) {
		assertThat(this.signature.matches(signature, BODY)).isFalse();
	}

}
