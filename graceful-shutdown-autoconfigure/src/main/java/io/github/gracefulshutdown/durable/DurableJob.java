package io.github.gracefulshutdown.durable;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.github.gracefulshutdown.job.BackgroundJob;
import io.github.gracefulshutdown.job.OnDrain;

import org.springframework.core.annotation.AliasFor;

/**
 * Marks a method as a durable job. A call stores the job and returns. The job then runs
 * on a thread of this process at once, or on any instance later. It runs at least once,
 * and so may run twice: it must be idempotent.
 * <p>
 * The arguments are stored as JSON, at most 256 kB. The job always runs with the copy
 * that was read from JSON. A call in a transaction of the same {@code DataSource} stores
 * the job with the commit, and a rollback removes it.
 * <p>
 * A job that throws runs again after a pause, until it has used up its
 * {@link #attempts()}. Then it stays in the store as a dead letter. A job that is
 * interrupted by a shutdown and ends with an exception is handed over to another
 * instance, which is not counted as an attempt.
 * <p>
 * The method must return {@code void}, and must not be private, static or final. The
 * annotation works through Spring's proxies, so a call within a bean is a plain call.
 * {@code @Async} beside it has no effect. A method that cannot be a durable job keeps the
 * application from starting.
 * <p>
 * No order of jobs is promised. Security context, locale and MDC are not stored.
 *
 * @author The Graceful Shutdown authors
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@BackgroundJob
public @interface DurableJob {

	/**
	 * Alias for {@link #name}.
	 * @return the name
	 */
	@AliasFor("name")
	String value() default "";

	/**
	 * The name of the job, which is its identity in the store. Required, unique in the
	 * application, and must not change: 1 to 100 of the characters {@code A-Z},
	 * {@code a-z}, {@code 0-9}, {@code .}, {@code _} and {@code -}. May contain
	 * placeholders ({@code "${...}"}).
	 * @return the name
	 */
	@AliasFor("value")
	String name() default "";

	/**
	 * Former names of the job, so that stored jobs of these names are still done. The
	 * rules are those of {@link #name}.
	 * @return the names, none by default
	 */
	String[] aliases() default {};

	/**
	 * A SpEL expression of the arguments, such as {@code "#export.id"}. Its variables are
	 * the names of the arguments, or {@code #a0} for the first one, and {@code #root} is
	 * the bean. The key is the text of its value. As long as a job of the same name and
	 * key is stored, a call stores no other one. A key of {@code null} is no key. 1 to
	 * 200 characters.
	 * @return the expression, none by default
	 */
	String key() default "";

	/**
	 * How often the job is tried before it is a dead letter, 1 or more. Hand-overs and
	 * the death of a process are not counted.
	 * @return 5 by default
	 */
	int attempts() default 5;

	/**
	 * The pause before the second attempt, such as {@code "10s"}, with its unit, from 0
	 * to one hour. It doubles with each attempt, up to one hour, and varies by a quarter.
	 * May contain placeholders.
	 * @return 10 seconds by default
	 */
	String backoff() default "10s";

	/**
	 * How a shutdown treats a run of the job. With {@link OnDrain#CANCEL} it is
	 * interrupted at the signal, and handed over if it ends with an exception.
	 * {@link OnDrain#IGNORE} is not allowed.
	 * @return {@link OnDrain#FINISH} by default
	 */
	@AliasFor(annotation = BackgroundJob.class)
	OnDrain onDrain() default OnDrain.FINISH;

	/**
	 * Whether the thread of the job is interrupted when the job is cancelled. If not, the
	 * job is only told by
	 * {@link io.github.gracefulshutdown.job.JobContext#isCancelled()}.
	 * @return {@code true} by default
	 */
	@AliasFor(annotation = BackgroundJob.class)
	boolean interrupt() default true;

}
