/**
 * Requests in reactive applications.
 */
@NullMarked
package io.github.gracefulshutdown.web.reactive;

import org.jspecify.annotations.NullMarked;
