/**
 * What brings new work in without a client that waits for an answer: message listeners
 * and other lifecycles that Spring stops before the web server.
 */
@org.jspecify.annotations.NullMarked
package io.github.gracefulshutdown.intake;
