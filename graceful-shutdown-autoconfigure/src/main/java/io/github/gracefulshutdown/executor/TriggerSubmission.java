package io.github.gracefulshutdown.executor;

import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * How the calling thread has come to schedule a task: a scheduler does not let its
 * decorator know whether the task is a tick of a trigger.
 *
 * @author The Graceful Shutdown authors
 */
enum TriggerSubmission {

	/**
	 * Not a tick of a trigger.
	 */
	NONE,

	/**
	 * The first tick of a trigger.
	 */
	FIRST,

	/**
	 * The first tick of a poller of Spring Integration, which may be what empties a
	 * channel.
	 */
	FIRST_OF_POLLER,

	/**
	 * The tick that follows on the one that the calling thread is in.
	 */
	NEXT;

	private static final String TRIGGER = "org.springframework.scheduling.concurrent.ReschedulingRunnable";

	private static final String INTEGRATION = "org.springframework.integration.";

	/**
	 * What is between a scheduler and its caller, such as proxies.
	 */
	private static final List<String> STEPS = List.of("org.springframework.scheduling.", "org.springframework.aop.",
			"org.springframework.cglib.", "java.", "jdk.");

	/**
	 * What is between the scheduling of a tick and its decorator.
	 */
	private static final int DEPTH = 16;

	static TriggerSubmission current() {
		return StackWalker.getInstance().walk(TriggerSubmission::find);
	}

	private static TriggerSubmission find(Stream<StackFrame> stack) {
		Iterator<StackFrame> frames = stack.iterator();
		for (int i = 0; i < DEPTH && frames.hasNext(); i++) {
			StackFrame frame = frames.next();
			if (TRIGGER.equals(frame.getClassName())) {
				return "schedule".equals(frame.getMethodName()) ? whose(frames) : NONE;
			}
		}
		return NONE;
	}

	private static TriggerSubmission whose(Iterator<StackFrame> callers) {
		String caller = callers.hasNext() ? callers.next().getClassName() : "";
		if (TRIGGER.equals(caller)) {
			return NEXT;
		}
		while (callers.hasNext() && STEPS.stream().anyMatch(caller::startsWith)) {
			caller = callers.next().getClassName();
		}
		return caller.startsWith(INTEGRATION) ? FIRST_OF_POLLER : FIRST;
	}

}
