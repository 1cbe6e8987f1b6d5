package io.github.gracefulshutdown.job;

import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * The last part of an application's start: its runners, and its listeners to
 * {@code ApplicationReadyEvent}. It is named after the one that runs.
 *
 * @author The Graceful Shutdown authors
 */
final class StartJob extends Job {

	private static final String NAME = "start of the application";

	private static final String SPRING_APPLICATION = "org.springframework.boot.SpringApplication";

	private static final List<String> FRAMEWORKS = List.of("org.springframework.", "java.", "jdk.", "sun.",
			"io.github.gracefulshutdown.job.JobRun", "io.github.gracefulshutdown.job.JobSub");

	private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final Thread thread;

	private @Nullable Long aloneSince;

	private boolean endless;

	/**
	 * Create a job of the calling thread.
	 * @param workload the workload
	 */
	StartJob(JobWorkload workload) {
		super(workload, NAME, OnDrain.FINISH);
		this.thread = Thread.currentThread();
	}

	@Override
	public String getName() {
		return getState().isOutcome() ? NAME : nameOf(this.thread.getStackTrace());
	}

	/**
	 * Return the name of the code of the application that Spring Boot has called last.
	 * @param stack the stack of the thread that starts the application
	 * @return the name
	 */
	static String nameOf(StackTraceElement[] stack) {
		int boot = 0;
		while (boot < stack.length && !stack[boot].getClassName().startsWith(SPRING_APPLICATION)) {
			boot++;
		}
		for (int i = (boot < stack.length) ? boot - 1 : -1; i >= 0; i--) {
			String type = stack[i].getClassName();
			if (FRAMEWORKS.stream().noneMatch(type::startsWith) && !type.contains("$$") && !type.contains("$Proxy")) {
				return simpleName(type) + "." + methodName(stack[i].getMethodName());
			}
		}
		return NAME;
	}

	private static String simpleName(String type) {
		String named = type.replaceFirst("(\\$\\d+)+$", "");
		return named.substring(Math.max(named.lastIndexOf('.'), named.lastIndexOf('$')) + 1);
	}

	// A runner is often a lambda expression of its bean's method
	private static String methodName(String method) {
		return method.startsWith("lambda$") ? method.split("\\$")[1] : method;
	}

	/**
	 * Return whether the thread has asked the JVM to exit, and so waits for the drain.
	 * @return whether the thread is in {@code System.exit}
	 */
	boolean isExiting() {
		for (StackTraceElement frame : this.thread.getStackTrace()) {
			if (frame.getClassName().equals("java.lang.Shutdown")) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Find out whether this job seems to run until somebody ends it, like a loop. For one
	 * thread only.
	 * @param alone whether nothing else is in flight
	 * @param now the time of the monotonic clock, in nanoseconds
	 * @return whether that is so; {@code true} is returned once
	 */
	boolean seemsEndless(boolean alone, long now) {
		if (!alone || this.endless) {
			this.aloneSince = null;
			return false;
		}
		if (this.aloneSince == null) {
			this.aloneSince = now;
		}
		this.endless = now - this.aloneSince >= PATIENCE_NANOS;
		return this.endless;
	}

}
