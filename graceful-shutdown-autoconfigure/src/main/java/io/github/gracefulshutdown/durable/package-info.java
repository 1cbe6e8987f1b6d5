/**
 * Durable jobs: methods whose calls are stored before they return, and done by another
 * instance, or by the next start, if this one cannot finish them.
 */
@NullMarked
package io.github.gracefulshutdown.durable;

import org.jspecify.annotations.NullMarked;
