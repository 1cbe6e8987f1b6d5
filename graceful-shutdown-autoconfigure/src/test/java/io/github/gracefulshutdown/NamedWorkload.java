package io.github.gracefulshutdown;

/**
 * A workload that has a name, and nothing in flight.
 *
 * @author The Graceful Shutdown authors
 */
public class NamedWorkload implements Workload {

	private final String name;

	public NamedWorkload(String name) {
		this.name = name;
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public long getInFlight() {
		return 0;
	}

}
