package io.github.gracefulshutdown.sample.invitation;

import io.github.gracefulshutdown.sample.github.GitHubApi;
import io.github.gracefulshutdown.sample.github.GitHubApi.Comment;
import io.github.gracefulshutdown.sample.github.GitHubApi.Membership;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClientException;

/**
 * Invites a newcomer to the organization, and says so on the pull request.
 *
 * @author The Graceful Shutdown authors
 */
@Component
class Inviter {

	private static final Log logger = LogFactory.getLog(Inviter.class);

	private final GitHubApi gitHub;

	Inviter(GitHubApi gitHub) {
		this.gitHub = gitHub;
	}

	/**
	 * Invite the author, if it is a first contribution.
	 * @param contribution the merged pull request
	 */
	void invite(Contribution contribution) {
		try {
			if (contribution.first() || isFirst(contribution)) {
				inviteAndComment(contribution);
				logger.info("Delivery %s: invited %s".formatted(contribution.delivery(), contribution.author()));
			}
			else {
				logger
					.info("Delivery %s: not the first of %s".formatted(contribution.delivery(), contribution.author()));
			}
		}
		catch (RestClientException ex) {
			throw new IllegalStateException(
					"Delivery %s: failed to invite %s".formatted(contribution.delivery(), contribution.author()), ex);
		}
	}

	private boolean isFirst(Contribution contribution) {
		return this.gitHub
			.search("repo:%s/%s is:pr is:merged author:%s".formatted(contribution.owner(), contribution.repository(),
					contribution.author()))
			.totalCount() <= 1;
	}

	private void inviteAndComment(Contribution contribution) {
		this.gitHub.invite(contribution.organization(), contribution.author(), new Membership("member"));
		this.gitHub.comment(contribution.owner(), contribution.repository(), contribution.number(), new Comment("""
				Thank you for your first contribution, @%s! We have invited you to %s.

				%s""".formatted(contribution.author(), contribution.organization(), mark(contribution))));
	}

	/**
	 * Return whether all has been done for a contribution: the comment is the last step.
	 * @param contribution the merged pull request
	 * @return whether the comment is found
	 */
	boolean hasInvited(Contribution contribution) {
		return this.gitHub.comments(contribution.owner(), contribution.repository(), contribution.number())
			.stream()
			.anyMatch((comment) -> comment.body().contains(mark(contribution)));
	}

	private static String mark(Contribution contribution) {
		return "<!-- delivery: %s -->".formatted(contribution.delivery());
	}

}
