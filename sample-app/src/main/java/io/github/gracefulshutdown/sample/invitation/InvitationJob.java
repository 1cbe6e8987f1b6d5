package io.github.gracefulshutdown.sample.invitation;

import io.github.gracefulshutdown.job.BackgroundJob;
import io.github.gracefulshutdown.sample.github.GitHubApi;
import io.github.gracefulshutdown.sample.github.GitHubApi.Comment;
import io.github.gracefulshutdown.sample.github.GitHubApi.Membership;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClientException;

/**
 * Invites a newcomer to the organization, and says so on the pull request.
 *
 * @author The Graceful Shutdown authors
 */
@Component
public class InvitationJob {

	private static final Log logger = LogFactory.getLog(InvitationJob.class);

	private final GitHubApi gitHub;

	InvitationJob(GitHubApi gitHub) {
		this.gitHub = gitHub;
	}

	/**
	 * Start the job. From the return of this method on, a shutdown waits for the job.
	 * @param contribution the merged pull request
	 */
	@Async
	@BackgroundJob("invite-contributor")
	public void invite(Contribution contribution) {
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

				<!-- delivery: %s -->""".formatted(contribution.author(), contribution.organization(),
				contribution.delivery())));
	}

}
