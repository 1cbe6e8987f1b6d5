/**
 * The drain as actuator endpoint and health contributor.
 */
@NullMarked
package io.github.gracefulshutdown.actuate;

import org.jspecify.annotations.NullMarked;
