package io.github.gracefulshutdown.sample.webhook;

import java.util.UUID;

import io.github.gracefulshutdown.sample.invitation.Contribution;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PullRequestEvent}.
 *
 * @author The Graceful Shutdown authors
 */
class PullRequestEventTests {

	private static final UUID DELIVERY = UUID.randomUUID();

	private final JsonMapper jsonMapper = new JsonMapper();

	@ParameterizedTest
	@ValueSource(strings = { "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "NONE" })
	void newcomerIsInvited(String association) {
		assertThat(contribution("FIRST_TIME_CONTRIBUTOR", association))
			.isEqualTo(new Contribution(DELIVERY, "octo-org", "octo-org", "octo-repo", 1347, "first-timer", true));
	}

	@Test
	void contributorMayBeNewcomer() {
		assertThat(contribution("FIRST_TIME_CONTRIBUTOR", "CONTRIBUTOR"))
			.isEqualTo(new Contribution(DELIVERY, "octo-org", "octo-org", "octo-repo", 1347, "first-timer", false));
	}

	@ParameterizedTest
	@ValueSource(strings = { "OWNER", "MEMBER", "COLLABORATOR", "MANNEQUIN", "SOMETHING_NEW" })
	void othersAreNotInvited(String association) {
		assertThat(contribution("FIRST_TIME_CONTRIBUTOR", association)).isNull();
	}

	@Test
	void unmergedPullRequestInvitesNobody() {
		assertThat(contribution("\"merged\": true", "\"merged\": false")).isNull();
	}

	@Test
	void otherActionOnMergedPullRequestInvitesNobody() {
		assertThat(contribution("\"action\": \"closed\"", "\"action\": \"labeled\"")).isNull();
	}

	@Test
	void botIsNotInvited() {
		assertThat(contribution("\"type\": \"User\"", "\"type\": \"Bot\"")).isNull();
	}

	@Test
	void authorWhoseAccountIsGoneIsNotInvited() {
		assertThat(contribution("\"user\": {", "\"user\": null, \"other\": {")).isNull();
	}

	@Test
	void withoutOrganizationNobodyIsInvited() {
		assertThat(contribution("\"organization\": {", "\"other\": {")).isNull();
	}

	private @Nullable Contribution contribution(String replaced, String by) {
		assertThat(Payloads.mergedFirst()).contains(replaced);
		return this.jsonMapper.readValue(Payloads.mergedFirst().replace(replaced, by), PullRequestEvent.class)
			.toContribution(DELIVERY);
	}

}
