@NullMarked
package io.github.gracefulshutdown.sample.github;

import org.jspecify.annotations.NullMarked;
