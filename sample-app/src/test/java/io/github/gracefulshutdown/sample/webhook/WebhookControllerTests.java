package io.github.gracefulshutdown.sample.webhook;

import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;

import io.github.gracefulshutdown.sample.invitation.Contribution;
import io.github.gracefulshutdown.sample.invitation.InvitationJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MockMvcTester.MockMvcRequestBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link WebhookController}.
 *
 * @author The Graceful Shutdown authors
 */
class WebhookControllerTests {

	private static final String SECRET = "secret";

	private static final UUID DELIVERY = UUID.randomUUID();

	private final InvitationJob job = mock(InvitationJob.class);

	private final MockMvcTester mvc = MockMvcTester
		.of(new WebhookController(new WebhookSignature(new WebhookProperties(SECRET)), new JsonMapper(), this.job));

	@Test
	void startsJobForFirstMergedPullRequest() {
		assertThat(signed("pull_request", Payloads.mergedFirst())).hasStatus(HttpStatus.ACCEPTED);
		then(this.job).should()
			.invite(new Contribution(DELIVERY, "octo-org", "octo-org", "octo-repo", 1347, "first-timer", true));
	}

	@Test
	void hasNothingToDoForPing() {
		assertThat(signed("ping", Payloads.ping())).hasStatus(HttpStatus.NO_CONTENT);
		then(this.job).shouldHaveNoInteractions();
	}

	@Test
	void hasNothingToDoForUnmergedPullRequest() {
		String payload = Payloads.mergedFirst().replace("\"merged\": true", "\"merged\": false");
		assertThat(signed("pull_request", payload)).hasStatus(HttpStatus.NO_CONTENT);
		then(this.job).shouldHaveNoInteractions();
	}

	@Test
	void rejectsMissingSignature() {
		assertThat(request("pull_request", Payloads.mergedFirst())).hasStatus(HttpStatus.UNAUTHORIZED);
		then(this.job).shouldHaveNoInteractions();
	}

	@Test
	void rejectsSignatureOfAnotherBody() {
		assertThat(request("pull_request", Payloads.mergedFirst()).header("X-Hub-Signature-256",
				Payloads.sign(SECRET, Payloads.ping())))
			.hasStatus(HttpStatus.UNAUTHORIZED);
		then(this.job).shouldHaveNoInteractions();
	}

	@Test
	void doesNotReadWhatIsNotSigned() {
		assertThat(request("pull_request", "{")).hasStatus(HttpStatus.UNAUTHORIZED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{", "[]", "null", "{}", "{\"action\":\"closed\"}",
			"{\"action\":\"closed\",\"pull_request\":{}}", "{\"action\":\"closed\",\"pull_request\":1}" })
	void rejectsWhatIsNoPullRequestEvent(String payload) {
		assertThat(signed("pull_request", payload)).hasStatus(HttpStatus.BAD_REQUEST);
	}

	@Test
	void rejectsPullRequestEventWithoutRepository() {
		String payload = Payloads.mergedFirst().replace("\"repository\"", "\"other\"");
		assertThat(signed("pull_request", payload)).hasStatus(HttpStatus.BAD_REQUEST);
	}

	@Test
	void rejectsDeliveryThatIsNoGuid() {
		assertThat(this.mvc.post()
			.uri("/webhook")
			.contentType(MediaType.APPLICATION_JSON)
			.content(Payloads.ping())
			.header("X-GitHub-Event", "ping")
			.header("X-GitHub-Delivery", "-->")
			.header("X-Hub-Signature-256", Payloads.sign(SECRET, Payloads.ping()))).hasStatus(HttpStatus.BAD_REQUEST);
	}

	@Test
	void isUnavailableIfJobIsRejected() {
		willThrow(new RejectedExecutionException()).given(this.job).invite(any());
		assertThat(signed("pull_request", Payloads.mergedFirst())).hasStatus(HttpStatus.SERVICE_UNAVAILABLE);
	}

	private MockMvcRequestBuilder signed(String event, String payload) {
		return request(event, payload).header("X-Hub-Signature-256", Payloads.sign(SECRET, payload));
	}

	private MockMvcRequestBuilder request(String event, String payload) {
		return this.mvc.post()
			.uri("/webhook")
			.contentType(MediaType.APPLICATION_JSON)
			.content(payload)
			.header("X-GitHub-Event", event)
			.header("X-GitHub-Delivery", DELIVERY);
	}

}
