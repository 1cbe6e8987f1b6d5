package io.github.gracefulshutdown.sample.invitation;

import java.util.List;
import java.util.UUID;

import io.github.gracefulshutdown.sample.github.GitHubApi;
import io.github.gracefulshutdown.sample.github.GitHubApi.Comment;
import io.github.gracefulshutdown.sample.github.GitHubApi.Membership;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;

/**
 * Tests for {@link DurableInvitationJob}.
 *
 * @author The Graceful Shutdown authors
 */
class DurableInvitationJobTests {

	private static final Contribution CONTRIBUTION = new Contribution(UUID.randomUUID(), "org", "owner", "repo", 7,
			"author", true);

	private final GitHubApi gitHub = mock(GitHubApi.class);

	private final DurableInvitationJob job = new DurableInvitationJob(new Inviter(this.gitHub));

	@Test
	void secondRunDoesNothing() {
		given(this.gitHub.comments("owner", "repo", 7)).willReturn(List.of(new Comment("of somebody")));
		this.job.invite(CONTRIBUTION);
		ArgumentCaptor<Comment> comment = ArgumentCaptor.captor();
		then(this.gitHub).should().comment(eq("owner"), eq("repo"), eq(7L), comment.capture());
		given(this.gitHub.comments("owner", "repo", 7))
			.willReturn(List.of(new Comment("of somebody"), comment.getValue()));
		this.job.invite(CONTRIBUTION);
		then(this.gitHub).should(times(1)).invite(any(), any(), any());
		then(this.gitHub).should(times(1)).comment(any(), any(), anyLong(), any());
	}

	@Test
	void runThatWasCutBeforeTheCommentIsRepeated() {
		given(this.gitHub.comments("owner", "repo", 7)).willReturn(List.of());
		this.job.invite(CONTRIBUTION);
		this.job.invite(CONTRIBUTION);
		then(this.gitHub).should(times(2)).invite("org", "author", new Membership("member"));
		then(this.gitHub).should(never()).search(any());
	}

}
