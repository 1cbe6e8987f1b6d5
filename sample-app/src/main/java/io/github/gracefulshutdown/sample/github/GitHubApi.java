package io.github.gracefulshutdown.sample.github;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;

import org.springframework.resilience.annotation.Retryable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.annotation.PutExchange;

/**
 * The calls to GitHub's REST API. A call that fails at GitHub or on the way is repeated:
 * a comment that appears twice is better than none.
 *
 * @author The Graceful Shutdown authors
 */
@Retryable(includes = { HttpServerErrorException.class, ResourceAccessException.class }, maxRetries = 3, delay = 200,
		multiplier = 2, jitter = 50)
public interface GitHubApi {

	/**
	 * Invite a user to an organization. Inviting twice changes nothing.
	 * @param organization the organization
	 * @param username the login of the user
	 * @param membership the membership to offer
	 */
	@PutExchange("/orgs/{organization}/memberships/{username}")
	void invite(@PathVariable String organization, @PathVariable String username, @RequestBody Membership membership);

	/**
	 * Comment on a pull request. For GitHub it is an issue.
	 * @param owner the owner of the repository
	 * @param repository the name of the repository
	 * @param number the number of the pull request
	 * @param comment the comment
	 */
	@PostExchange("/repos/{owner}/{repository}/issues/{number}/comments")
	void comment(@PathVariable String owner, @PathVariable String repository, @PathVariable long number,
			@RequestBody Comment comment);

	/**
	 * Find the first 100 comments on a pull request, which are enough for that of a
	 * newcomer.
	 * @param owner the owner of the repository
	 * @param repository the name of the repository
	 * @param number the number of the pull request
	 * @return the comments
	 */
	@GetExchange("/repos/{owner}/{repository}/issues/{number}/comments?per_page=100")
	List<Comment> comments(@PathVariable String owner, @PathVariable String repository, @PathVariable long number);

	/**
	 * Search for issues and pull requests.
	 * @param query the query, in GitHub's search syntax
	 * @return the result
	 */
	@GetExchange("/search/issues")
	SearchResult search(@RequestParam("q") String query);

	/**
	 * A membership.
	 *
	 * @param role the role in the organization
	 */
	record Membership(String role) {

	}

	/**
	 * A comment.
	 *
	 * @param body the text, in Markdown
	 */
	record Comment(String body) {

	}

	/**
	 * The result of a search.
	 *
	 * @param totalCount how many issues and pull requests
	 */
	record SearchResult(@JsonProperty("total_count") long totalCount) {

	}

}
