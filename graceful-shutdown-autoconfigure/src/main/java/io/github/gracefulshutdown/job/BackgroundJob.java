package io.github.gracefulshutdown.job;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;

/**
 * Marks a method as a background job. A shutdown waits for each run of the method. On a
 * type, it marks all methods that can be called through a Spring proxy, except callbacks
 * of the container, such as those of a lifecycle or a listener. It can be used as a
 * meta-annotation.
 * <p>
 * Together with {@code @Async}, a run is in flight from the moment of submission, queued
 * or running, on any executor. Alone, or together with {@code @Scheduled}, it is in
 * flight while the method runs in the calling thread. A returned
 * {@link java.util.concurrent.CompletionStage} or {@link java.util.concurrent.Future} is
 * in flight until it completes. If the method returns a {@code Mono}, a {@code Flux} or
 * another deferred reactive type that Spring knows, the call is not a job. Each
 * subscription is a job until it ends.
 * <p>
 * While the application drains, new runs are accepted, because work in flight may need
 * them. When the drain has ended, a submission to an executor by the code that closes the
 * application throws {@link JobRejectedException}, and a subscription fails with it. A
 * run in the calling thread is not tracked any more, because its caller waits for it, nor
 * is a run that another thread submits. They are rejected only if the drain has reached
 * its deadline. Shortly before the deadline the thread of a running job is interrupted,
 * and a subscription is cancelled. At the deadline the job is abandoned and reported by
 * its name. A job that has not begun by then never begins.
 * <p>
 * Names are values of a meter tag: use few names. From the 1,000th name on, meters show
 * the job as {@code other}, and a warning says so once.
 * <p>
 * The annotation works through Spring's proxies, like {@code @Async} and
 * {@code @Transactional}, and with the same limits: no calls within a bean, no private,
 * static or final methods, no final classes (unless proxied through an interface). With
 * {@code @EnableAsync(mode = ASPECTJ)} queued runs are not seen. At start-up, a warning
 * names the methods on which the annotation has no effect.
 *
 * @author The Graceful Shutdown authors
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface BackgroundJob {

	/**
	 * Alias for {@link #name}.
	 * @return the name
	 */
	@AliasFor("name")
	String value() default "";

	/**
	 * The name of the job, in logs, meters and reports. May contain placeholders
	 * ({@code "${...}"}), which are resolved at start-up. The default is the simple name
	 * of the class and the name of the method, such as {@code Inviter.invite}. Shown as
	 * one line of at most 200 characters.
	 * @return the name
	 */
	@AliasFor("value")
	String name() default "";

	/**
	 * How a shutdown treats the job.
	 * @return {@link OnDrain#FINISH} by default
	 */
	OnDrain onDrain() default OnDrain.FINISH;

	/**
	 * Whether the thread of the job is interrupted when the job is cancelled. If not, the
	 * job is only told by {@link JobContext#isCancelled()}. An interrupt closes the
	 * {@link java.nio.channels.FileChannel file channel} in which it meets the thread,
	 * for all threads: a file database in this JVM, such as H2, Lucene or MapDB, may stop
	 * working.
	 * @return {@code true} by default
	 */
	boolean interrupt() default true;

}
