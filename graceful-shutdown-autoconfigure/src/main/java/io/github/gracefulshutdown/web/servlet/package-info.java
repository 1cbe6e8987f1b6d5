/**
 * Tracking of requests in servlet applications.
 */
@NullMarked
package io.github.gracefulshutdown.web.servlet;

import org.jspecify.annotations.NullMarked;
