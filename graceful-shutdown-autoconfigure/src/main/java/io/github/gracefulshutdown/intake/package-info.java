/**
 * Sources of work without a waiting client: message listeners and other lifecycles that
 * Spring stops before the web server.
 */
@org.jspecify.annotations.NullMarked
package io.github.gracefulshutdown.intake;
