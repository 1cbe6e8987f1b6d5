package io.github.gracefulshutdown.sample.webhook;

import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;

import io.github.gracefulshutdown.sample.invitation.Contribution;
import io.github.gracefulshutdown.sample.invitation.InvitationJob;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Receives GitHub's web-hooks. Answers 202 if a job was started, otherwise 204.
 *
 * @author The Graceful Shutdown authors
 */
@RestController
class WebhookController {

	private final WebhookSignature signature;

	private final JsonMapper jsonMapper;

	private final InvitationJob job;

	WebhookController(WebhookSignature signature, JsonMapper jsonMapper, InvitationJob job) {
		this.signature = signature;
		this.jsonMapper = jsonMapper;
		this.job = job;
	}

	@PostMapping(path = "/webhook", consumes = MediaType.APPLICATION_JSON_VALUE)
	ResponseEntity<Void> receive(@RequestHeader("X-GitHub-Event") String event,
			@RequestHeader("X-GitHub-Delivery") UUID delivery,
			@RequestHeader(name = "X-Hub-Signature-256", required = false) @Nullable String signature,
			@RequestBody byte[] body) {
		if (!this.signature.matches(signature, body)) {
			return ResponseEntity.status(HttpStatus.UNAUTHORIZED).build();
		}
		Contribution contribution = "pull_request".equals(event) ? read(body).toContribution(delivery) : null;
		if (contribution == null) {
			return ResponseEntity.noContent().build();
		}
		this.job.invite(contribution);
		return ResponseEntity.accepted().build();
	}

	private PullRequestEvent read(byte[] body) {
		PullRequestEvent event = this.jsonMapper.readValue(body, PullRequestEvent.class);
		if (event == null) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
		}
		return event;
	}

	@ExceptionHandler
	@ResponseStatus(HttpStatus.BAD_REQUEST)
	void handle(JacksonException ex) {
		// The body is not a pull_request event
	}

	@ExceptionHandler
	@ResponseStatus(HttpStatus.SERVICE_UNAVAILABLE)
	void handle(RejectedExecutionException ex) {
		// GitHub shows the delivery as failed, and it can be redelivered
	}

}
