/**
 * What is known of the platforms that applications run on.
 */
@NullMarked
package io.github.gracefulshutdown.platform;

import org.jspecify.annotations.NullMarked;
