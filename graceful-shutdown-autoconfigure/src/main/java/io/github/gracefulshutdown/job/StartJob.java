package io.github.gracefulshutdown.job;

import java.util.List;

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

	private final Thread thread;

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

	@Override
	protected boolean isPartOfStart() {
		return true;
	}

}
