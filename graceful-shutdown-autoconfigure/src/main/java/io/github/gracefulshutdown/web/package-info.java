/**
 * Requests in flight, and the sockets that they come from.
 */
@NullMarked
package io.github.gracefulshutdown.web;

import org.jspecify.annotations.NullMarked;
