@NullMarked
package io.github.gracefulshutdown.sample.invitation;

import org.jspecify.annotations.NullMarked;
