/**
 * Tomcat's connectors while the application drains.
 */
@NullMarked
package io.github.gracefulshutdown.web.tomcat;

import org.jspecify.annotations.NullMarked;
