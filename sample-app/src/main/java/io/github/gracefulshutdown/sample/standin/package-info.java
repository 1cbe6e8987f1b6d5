/**
 * A stand-in for GitHub, so that the sample runs offline.
 */
@NullMarked
package io.github.gracefulshutdown.sample.standin;

import org.jspecify.annotations.NullMarked;
