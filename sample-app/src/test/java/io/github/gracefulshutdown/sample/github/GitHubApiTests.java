package io.github.gracefulshutdown.sample.github;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.github.gracefulshutdown.sample.SampleApplication;
import io.github.gracefulshutdown.sample.github.GitHubApi.Comment;
import io.github.gracefulshutdown.sample.github.GitHubApi.Membership;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.HttpServerErrorException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link GitHubApi}, against the stand-in for GitHub.
 *
 * @author The Graceful Shutdown authors
 */
class GitHubApiTests {

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@Test
	void invitesCommentsAndSearches() throws IOException {
		try (ConfigurableApplicationContext context = start(0)) {
			GitHubApi gitHub = context.getBean(GitHubApi.class);
			gitHub.invite("org", "author", new Membership("member"));
			gitHub.comment("owner", "repo", 7, new Comment("one\ntwo"));
			assertThat(gitHub.search("author:one author:two").totalCount()).isOne();
		}
		assertThat(journal()).containsExactly("PUT /orgs/org/memberships/author 200 {\"role\":\"member\"}",
				"POST /repos/owner/repo/issues/7/comments 201 {\"body\":\"one\\ntwo\"}",
				"GET /search/issues?q=author%3Aone%20author%3Atwo 200 ");
	}

	@Test
	void findsTheCommentsOnAPullRequest() {
		try (ConfigurableApplicationContext context = start(0)) {
			GitHubApi gitHub = context.getBean(GitHubApi.class);
			assertThat(gitHub.comments("owner", "repo", 7)).isEmpty();
			gitHub.comment("owner", "repo", 7, new Comment("one\ntwo"));
			gitHub.comment("owner", "repo", 7, new Comment("three"));
			gitHub.comment("owner", "repo", 8, new Comment("four"));
			assertThat(gitHub.comments("owner", "repo", 7)).containsExactly(new Comment("one\ntwo"),
					new Comment("three"));
		}
	}

	@Test
	void callIsRepeatedWhenGitHubFails() throws IOException {
		try (ConfigurableApplicationContext context = start(2)) {
			GitHubApi gitHub = context.getBean(GitHubApi.class);
			gitHub.invite("org", "author", new Membership("member"));
			gitHub.comment("owner", "repo", 7, new Comment("text"));
		}
		assertThat(journal()).extracting((line) -> line.replaceAll(" \\{.*", ""))
			.containsExactly("PUT /orgs/org/memberships/author 200", "POST /repos/owner/repo/issues/7/comments 502",
					"POST /repos/owner/repo/issues/7/comments 201");
	}

	@Test
	void callFailsWhenGitHubKeepsFailing() throws IOException {
		try (ConfigurableApplicationContext context = start(1)) {
			GitHubApi gitHub = context.getBean(GitHubApi.class);
			assertThatExceptionOfType(HttpServerErrorException.class)
				.isThrownBy(() -> gitHub.invite("org", "author", new Membership("member")));
		}
		assertThat(journal()).hasSize(4);
	}

	@Test
	void callThatGitHubRefusesIsNotRepeated() throws IOException {
		try (ConfigurableApplicationContext context = start(0)) {
			GitHubApi gitHub = context.getBean(GitHubApi.class);
			assertThatExceptionOfType(HttpClientErrorException.NotFound.class)
				.isThrownBy(() -> gitHub.invite("org", "a/b", new Membership("member")));
		}
		assertThat(journal()).hasSize(1);
	}

	private ConfigurableApplicationContext start(int failEvery) {
		return new SpringApplicationBuilder(SampleApplication.class).web(WebApplicationType.NONE)
			.run("--bot.webhook.secret=secret", "--bot.github.token=token", "--bot.stand-in.latency=0",
					"--bot.stand-in.port=" + TestSocketUtils.findAvailableTcpPort(),
					"--bot.stand-in.journal=" + this.directory.resolve("journal"),
					"--bot.stand-in.fail-every=" + failEvery);
	}

	private List<String> journal() throws IOException {
		return Files.readAllLines(this.directory.resolve("journal"));
	}

}
