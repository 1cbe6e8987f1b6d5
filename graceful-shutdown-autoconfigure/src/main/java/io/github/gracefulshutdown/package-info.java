/**
 * The drain: what finishes the work that an application has begun, between the signal to
 * stop and the moment at which the platform kills the process.
 */
@NullMarked
package io.github.gracefulshutdown;

import org.jspecify.annotations.NullMarked;
