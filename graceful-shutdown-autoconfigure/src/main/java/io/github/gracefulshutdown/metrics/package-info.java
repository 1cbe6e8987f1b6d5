/**
 * Meters of the drain.
 */
@NullMarked
package io.github.gracefulshutdown.metrics;

import org.jspecify.annotations.NullMarked;
