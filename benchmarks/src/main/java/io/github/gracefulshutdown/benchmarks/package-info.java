/**
 * Measures what it costs to track one piece of work.
 */
@NullMarked
package io.github.gracefulshutdown.benchmarks;

import org.jspecify.annotations.NullMarked;
