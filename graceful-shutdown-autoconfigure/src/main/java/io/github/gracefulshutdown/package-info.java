/**
 * The API for applications: the shutdown, its states, events and report, and the SPI for
 * an application's own work.
 */
@NullMarked
package io.github.gracefulshutdown;

import org.jspecify.annotations.NullMarked;
