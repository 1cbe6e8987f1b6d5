/**
 * A GitHub bot, as an example of an application that uses the starter.
 */
@NullMarked
package io.github.gracefulshutdown.sample;

import org.jspecify.annotations.NullMarked;
