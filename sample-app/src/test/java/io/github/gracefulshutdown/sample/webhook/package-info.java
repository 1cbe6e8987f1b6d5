@NullMarked
package io.github.gracefulshutdown.sample.webhook;

import org.jspecify.annotations.NullMarked;
