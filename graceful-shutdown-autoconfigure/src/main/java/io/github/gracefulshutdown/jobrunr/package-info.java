/**
 * The job servers of JobRunr as a workload: no job is picked after the signal, and
 * running ones are waited for.
 */
@NullMarked
package io.github.gracefulshutdown.jobrunr;

import org.jspecify.annotations.NullMarked;
