/**
 * Spring Batch jobs as a workload: executions end after the chunk in progress, and can be
 * restarted.
 */
@NullMarked
package io.github.gracefulshutdown.batch;

import org.jspecify.annotations.NullMarked;
