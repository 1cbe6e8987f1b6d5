package io.github.gracefulshutdown.sample.invitation;

import io.github.gracefulshutdown.job.BackgroundJob;

import org.springframework.context.annotation.Profile;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;

/**
 * {@link InvitationJob} that this process finishes before it stops.
 *
 * @author The Graceful Shutdown authors
 */
@Component
@Profile("!durable")
class BackgroundInvitationJob implements InvitationJob {

	private final Inviter inviter;

	BackgroundInvitationJob(Inviter inviter) {
		this.inviter = inviter;
	}

	/**
	 * From the return of this method on, a shutdown waits for the job.
	 */
	@Override
	@Async
	@BackgroundJob("invite-contributor")
	public void invite(Contribution contribution) {
		this.inviter.invite(contribution);
	}

}
