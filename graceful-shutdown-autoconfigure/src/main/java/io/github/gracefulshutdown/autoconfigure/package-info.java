/**
 * Auto-configuration of the graceful shutdown.
 */
@NullMarked
package io.github.gracefulshutdown.autoconfigure;

import org.jspecify.annotations.NullMarked;
