/**
 * The engine: how an application is drained, from the signal to the report. Only the
 * auto-configuration, the meters and the endpoint use it.
 */
@NullMarked
package io.github.gracefulshutdown.drain;

import org.jspecify.annotations.NullMarked;
