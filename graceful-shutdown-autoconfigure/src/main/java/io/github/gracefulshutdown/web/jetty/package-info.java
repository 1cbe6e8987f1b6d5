/**
 * Jetty's connectors while the application drains.
 */
@NullMarked
package io.github.gracefulshutdown.web.jetty;

import org.jspecify.annotations.NullMarked;
