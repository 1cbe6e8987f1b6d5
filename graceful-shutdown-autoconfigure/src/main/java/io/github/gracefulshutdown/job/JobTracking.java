package io.github.gracefulshutdown.job;

import java.util.function.Predicate;

/**
 * The work that is tracked as a job although nobody has declared it as one.
 *
 * @param async whether each {@code @Async} call is a job
 * @param scheduled whether {@code @Scheduled} methods that return before their end are
 * jobs
 * @param excluded decides by its name whether an executor is left alone
 * @author The Graceful Shutdown authors
 */
public record JobTracking(boolean async, boolean scheduled, Predicate<String> excluded) {

}
