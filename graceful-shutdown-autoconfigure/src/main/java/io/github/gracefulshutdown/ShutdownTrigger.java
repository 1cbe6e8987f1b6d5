package io.github.gracefulshutdown;

import org.jspecify.annotations.Nullable;

/**
 * Stops the application when something happens that is neither a signal nor a request: a
 * message, a file that appears, the loss of a licence. A bean of this type is awaited on
 * a daemon thread of its own as soon as the application is ready. There may be several;
 * the first that returns begins the shutdown, as
 * {@link GracefulShutdown#shutdown(String)} does.
 * <p>
 * If the application stops for another reason, the thread is interrupted at the beginning
 * of the drain. In standby it goes on.
 *
 * <pre class="code">
 * &#64;Bean
 * ShutdownTrigger poisonPill(Inbox inbox) {
 *     return () -&gt; "poison pill from " + inbox.awaitPoisonPill().sender();
 * }
 * </pre>
 *
 * @author The Graceful Shutdown authors
 */
@FunctionalInterface
public interface ShutdownTrigger {

	/**
	 * Wait until the application should stop. Called once. An exception is logged, and
	 * does not stop the application.
	 * @return the reason, for the log and the report; {@code null} or an empty string
	 * stands for the name of the bean
	 * @throws Exception if the trigger cannot wait any longer, for example an
	 * {@link InterruptedException} because the application stops
	 */
	@Nullable String await() throws Exception;

}
