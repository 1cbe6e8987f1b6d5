/**
 * Reactor Netty's server while the application drains.
 */
@NullMarked
package io.github.gracefulshutdown.web.netty;

import org.jspecify.annotations.NullMarked;
