/**
 * Requests in flight, and the sockets that they come from. Each embedded server has a
 * package of its own.
 */
@NullMarked
package io.github.gracefulshutdown.web;

import org.jspecify.annotations.NullMarked;
