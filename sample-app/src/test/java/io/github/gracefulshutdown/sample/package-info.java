@NullMarked
package io.github.gracefulshutdown.sample;

import org.jspecify.annotations.NullMarked;
