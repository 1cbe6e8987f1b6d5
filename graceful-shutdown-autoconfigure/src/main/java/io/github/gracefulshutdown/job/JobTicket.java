package io.github.gracefulshutdown.job;

/**
 * What goes with a submitted job through its executor, as an attribute of the method
 * invocation.
 *
 * @param job the job
 * @author The Graceful Shutdown authors
 */
record JobTicket(Job job) {

}
