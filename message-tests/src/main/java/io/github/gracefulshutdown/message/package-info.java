/**
 * The application that the message tests start and kill.
 */
@NullMarked
package io.github.gracefulshutdown.message;

import org.jspecify.annotations.NullMarked;
