/**
 * Tracks each piece of work in flight, from its acceptance to its outcome. All families
 * of work build on this package.
 */
@NullMarked
package io.github.gracefulshutdown.tracking;

import org.jspecify.annotations.NullMarked;
