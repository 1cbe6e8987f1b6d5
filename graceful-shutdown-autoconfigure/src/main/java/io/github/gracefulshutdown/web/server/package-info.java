/**
 * Pausing of the embedded servers' connectors.
 */
@NullMarked
package io.github.gracefulshutdown.web.server;

import org.jspecify.annotations.NullMarked;
