/**
 * Quartz schedulers as a workload: no trigger fires after the signal, and running jobs
 * are waited for.
 */
@NullMarked
package io.github.gracefulshutdown.quartz;

import org.jspecify.annotations.NullMarked;
