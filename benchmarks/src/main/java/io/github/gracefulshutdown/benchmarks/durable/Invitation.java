package io.github.gracefulshutdown.benchmarks.durable;

import java.io.Serializable;

/**
 * The argument of the measured jobs.
 *
 * @param login a user
 * @param repository a repository
 * @param number tells the jobs of a measurement apart
 * @author The Graceful Shutdown authors
 */
record Invitation(String login, String repository, int number) implements Serializable {

	static Invitation of(int number) {
		return new Invitation("octocat", "spring-projects/spring-boot", number);
	}

}
