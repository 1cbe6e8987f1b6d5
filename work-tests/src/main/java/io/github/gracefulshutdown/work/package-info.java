/**
 * The application that the tests start and kill.
 */
@NullMarked
package io.github.gracefulshutdown.work;

import org.jspecify.annotations.NullMarked;
