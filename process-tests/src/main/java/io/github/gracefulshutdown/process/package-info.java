/**
 * The application that the process tests start and kill.
 */
@NullMarked
package io.github.gracefulshutdown.process;

import org.jspecify.annotations.NullMarked;
