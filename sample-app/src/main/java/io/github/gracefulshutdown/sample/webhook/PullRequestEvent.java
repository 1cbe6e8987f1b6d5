package io.github.gracefulshutdown.sample.webhook;

import java.util.Set;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.gracefulshutdown.sample.invitation.Contribution;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * GitHub's {@code pull_request} event, as far as the bot needs it.
 *
 * @param action the change of the pull request
 * @param pullRequest the pull request
 * @param repository the repository
 * @param organization the organization that owns the repository, if one does
 * @author The Graceful Shutdown authors
 */
record PullRequestEvent(String action, @JsonProperty("pull_request") PullRequest pullRequest, Repository repository,
		@Nullable Account organization) {

	private static final Set<String> NEWCOMER = Set.of("FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "NONE");

	// This merge or an earlier one may have made the author a CONTRIBUTOR: the job asks
	// GitHub
	private static final String MAYBE_NEWCOMER = "CONTRIBUTOR";

	PullRequestEvent {
		Assert.hasText(action, "No action");
		Assert.notNull(pullRequest, "No pull_request");
		Assert.notNull(repository, "No repository");
	}

	/**
	 * Return the contribution of a possible newcomer.
	 * @param delivery identifies the delivery of this event
	 * @return the contribution, {@code null} if the bot must not invite anybody
	 */
	@Nullable Contribution toContribution(UUID delivery) {
		Account author = this.pullRequest.user();
		String association = this.pullRequest.authorAssociation();
		boolean first = NEWCOMER.contains(association);
		if (this.organization == null || author == null || author.isBot() || !isMerged()
				|| !(first || MAYBE_NEWCOMER.equals(association))) {
			return null;
		}
		return new Contribution(delivery, this.organization.login(), this.repository.owner().login(),
				this.repository.name(), this.pullRequest.number(), author.login(), first);
	}

	private boolean isMerged() {
		return "closed".equals(this.action) && this.pullRequest.merged();
	}

	/**
	 * A pull request.
	 *
	 * @param number the number
	 * @param merged whether it is merged
	 * @param authorAssociation how GitHub relates the author to the repository
	 * @param user the author, unless the account is gone
	 */
	record PullRequest(long number, boolean merged, @JsonProperty("author_association") String authorAssociation,
			@Nullable Account user) {

		PullRequest {
			Assert.hasText(authorAssociation, "No author_association");
		}

	}

	/**
	 * A repository.
	 *
	 * @param name the name without the owner's
	 * @param owner the owner
	 */
	record Repository(String name, Account owner) {

		Repository {
			Assert.hasText(name, "No name");
			Assert.notNull(owner, "No owner");
		}

	}

	/**
	 * A user, an organization or a bot.
	 *
	 * @param login the name of the account
	 * @param type the kind of account
	 */
	record Account(String login, @Nullable String type) {

		Account {
			Assert.hasText(login, "No login");
		}

		boolean isBot() {
			return "Bot".equals(this.type);
		}

	}

}
