/**
 * Measures the cost of tracking one piece of work.
 */
@NullMarked
package io.github.gracefulshutdown.benchmarks;

import org.jspecify.annotations.NullMarked;
