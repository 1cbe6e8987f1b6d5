package io.github.gracefulshutdown.sample.invitation;

import java.util.UUID;

/**
 * A merged pull request whose author may be a newcomer.
 *
 * @param delivery identifies the delivery of the web-hook
 * @param organization the organization to invite to
 * @param owner the owner of the repository
 * @param repository the name of the repository
 * @param number the number of the pull request
 * @param author the login of its author
 * @param first whether it is known to be the author's first
 * @author The Graceful Shutdown authors
 */
public record Contribution(UUID delivery, String organization, String owner, String repository, long number,
		String author, boolean first) {

}
