/**
 * Counting: each piece of work in flight, from its acceptance to its outcome. All
 * families of work build on it.
 */
@NullMarked
package io.github.gracefulshutdown.tracking;

import org.jspecify.annotations.NullMarked;
