/**
 * The application that the tests start and kill.
 */
@NullMarked
package io.github.gracefulshutdown.durable.test;

import org.jspecify.annotations.NullMarked;
