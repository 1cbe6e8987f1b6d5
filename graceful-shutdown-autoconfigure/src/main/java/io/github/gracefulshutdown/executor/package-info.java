/**
 * Executors and schedulers as workloads: what they run is waited for without an
 * annotation.
 */
@NullMarked
package io.github.gracefulshutdown.executor;

import org.jspecify.annotations.NullMarked;
