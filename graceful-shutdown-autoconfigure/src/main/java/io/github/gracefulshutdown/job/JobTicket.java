package io.github.gracefulshutdown.job;

/**
 * Handle that travels with a submitted job through its executor.
 *
 * @param job the job
 * @author The Graceful Shutdown authors
 */
record JobTicket(Job job) {

}
