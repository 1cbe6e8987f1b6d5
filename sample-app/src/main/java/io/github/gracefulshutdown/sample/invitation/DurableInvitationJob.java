package io.github.gracefulshutdown.sample.invitation;

import io.github.gracefulshutdown.durable.DurableJob;

import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * {@link InvitationJob} that outlives this process. It may run twice.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@Profile("durable")
class DurableInvitationJob implements InvitationJob {

	private final Inviter inviter;

	DurableInvitationJob(Inviter inviter) {
		this.inviter = inviter;
	}

	/**
	 * From the return of this method on, the job is stored. The key is for deliveries
	 * that GitHub repeats.
	 */
	@Override
	@DurableJob(name = "invite-contributor", key = "#contribution.delivery")
	public void invite(Contribution contribution) {
		if (!this.inviter.hasInvited(contribution)) {
			this.inviter.invite(contribution);
		}
	}

}
