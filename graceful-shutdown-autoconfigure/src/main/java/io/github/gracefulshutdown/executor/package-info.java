/**
 * Executors and schedulers as workloads: their tasks are waited for without an
 * annotation.
 */
@NullMarked
package io.github.gracefulshutdown.executor;

import org.jspecify.annotations.NullMarked;
