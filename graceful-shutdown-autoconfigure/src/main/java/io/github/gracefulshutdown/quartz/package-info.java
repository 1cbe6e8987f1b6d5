/**
 * Quartz schedulers as a workload: no trigger fires after the signal, and the jobs that
 * run are waited for.
 */
@NullMarked
package io.github.gracefulshutdown.quartz;

import org.jspecify.annotations.NullMarked;
