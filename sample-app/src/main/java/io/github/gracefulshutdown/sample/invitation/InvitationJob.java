package io.github.gracefulshutdown.sample.invitation;

/**
 * Invites a newcomer to the organization, in the background.
 *
 * @author The Graceful Shutdown authors
 */
public interface InvitationJob {

	/**
	 * Start the job.
	 * @param contribution the merged pull request
	 */
	void invite(Contribution contribution);

}
