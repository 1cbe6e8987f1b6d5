/**
 * The background job that a web-hook starts.
 */
@NullMarked
package io.github.gracefulshutdown.sample.invitation;

import org.jspecify.annotations.NullMarked;
