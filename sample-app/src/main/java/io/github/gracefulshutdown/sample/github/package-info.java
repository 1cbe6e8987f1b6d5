/**
 * The part of GitHub's REST API that the bot calls.
 */
@NullMarked
package io.github.gracefulshutdown.sample.github;

import org.jspecify.annotations.NullMarked;
