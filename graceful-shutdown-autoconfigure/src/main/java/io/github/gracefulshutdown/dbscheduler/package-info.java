/**
 * The schedulers of db-scheduler as a workload: no execution is picked after the signal,
 * and running ones are waited for.
 */
@NullMarked
package io.github.gracefulshutdown.dbscheduler;

import org.jspecify.annotations.NullMarked;
