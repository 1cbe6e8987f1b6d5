package io.github.gracefulshutdown.benchmarks.durable;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One instance of an application with jobs, which prints when a job begins.
 *
 * @author The Graceful Shutdown authors
 */
public final class TakeOverProcess {

	private TakeOverProcess() {
	}

	/**
	 * Start an instance. Each line of its input is a number of jobs to call.
	 * @param arguments the {@link JobSystem}, its store, the number of its threads, and
	 * the milliseconds that a job takes here
	 * @throws Exception if it does not start
	 */
	public static void main(String[] arguments) throws Exception {
		long millis = Long.parseLong(arguments[3]);
		Jobs.set((number) -> {
			System.out.println("begun " + number);
			sleep(millis);
		});
		Consumer<Invitation> call = JobSystem.valueOf(arguments[0]).start(arguments[1], Integer.parseInt(arguments[2]));
		System.out.println("started");
		BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		String line = input.readLine();
		while (line != null) {
			for (int i = 0; i < Integer.parseInt(line); i++) {
				call.accept(Invitation.of(i));
			}
			System.out.println("called");
			line = input.readLine();
		}
	}

	private static void sleep(long millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
