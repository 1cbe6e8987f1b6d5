/**
 * Background jobs: methods that are tracked from submission to end.
 */
@NullMarked
package io.github.gracefulshutdown.job;

import org.jspecify.annotations.NullMarked;
