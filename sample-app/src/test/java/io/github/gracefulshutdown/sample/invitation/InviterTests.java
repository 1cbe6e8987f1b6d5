package io.github.gracefulshutdown.sample.invitation;

import java.util.UUID;

import io.github.gracefulshutdown.sample.github.GitHubApi;
import io.github.gracefulshutdown.sample.github.GitHubApi.Comment;
import io.github.gracefulshutdown.sample.github.GitHubApi.Membership;
import io.github.gracefulshutdown.sample.github.GitHubApi.SearchResult;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.mockito.InOrder;

import org.springframework.web.client.ResourceAccessException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link Inviter}.
 *
 * @author The Graceful Shutdown authors
 */
class InviterTests {

	private static final UUID DELIVERY = UUID.randomUUID();

	private final GitHubApi gitHub = mock(GitHubApi.class);

	private final Inviter inviter = new Inviter(this.gitHub);

	@Test
	void invitesAndThenComments() {
		this.inviter.invite(contribution(true));
		InOrder order = inOrder(this.gitHub);
		ArgumentCaptor<Comment> comment = ArgumentCaptor.captor();
		then(this.gitHub).should(order).invite("org", "author", new Membership("member"));
		then(this.gitHub).should(order).comment(eq("owner"), eq("repo"), eq(7L), comment.capture());
		then(this.gitHub).shouldHaveNoMoreInteractions();
		assertThat(comment.getValue().body()).contains("@author", "org", "<!-- delivery: " + DELIVERY + " -->");
	}

	@Test
	void invitesContributorWithOneMergedPullRequest() {
		given(this.gitHub.search("repo:owner/repo is:pr is:merged author:author")).willReturn(new SearchResult(1));
		this.inviter.invite(contribution(false));
		then(this.gitHub).should().invite("org", "author", new Membership("member"));
	}

	@Test
	void doesNotInviteContributorWithMoreMergedPullRequests() {
		given(this.gitHub.search(anyString())).willReturn(new SearchResult(2));
		this.inviter.invite(contribution(false));
		then(this.gitHub).should(never()).invite(any(), any(), any());
		then(this.gitHub).should(never()).comment(any(), any(), anyLong(), any());
	}

	@Test
	void failureNamesDelivery() {
		willThrow(new ResourceAccessException("down")).given(this.gitHub).invite(any(), any(), any());
		assertThatIllegalStateException().isThrownBy(() -> this.inviter.invite(contribution(true)))
			.withMessageContaining(DELIVERY.toString());
		then(this.gitHub).should(never()).comment(any(), any(), anyLong(), any());
	}

	private static Contribution contribution(boolean first) {
		return new Contribution(DELIVERY, "org", "owner", "repo", 7, "author", first);
	}

}
