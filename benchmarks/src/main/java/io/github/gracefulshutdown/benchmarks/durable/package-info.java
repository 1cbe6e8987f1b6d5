/**
 * Measures durable jobs beside other libraries.
 */
@NullMarked
package io.github.gracefulshutdown.benchmarks.durable;

import org.jspecify.annotations.NullMarked;
