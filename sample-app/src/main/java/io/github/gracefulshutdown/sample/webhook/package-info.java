/**
 * The web-hook that GitHub calls.
 */
@NullMarked
package io.github.gracefulshutdown.sample.webhook;

import org.jspecify.annotations.NullMarked;
