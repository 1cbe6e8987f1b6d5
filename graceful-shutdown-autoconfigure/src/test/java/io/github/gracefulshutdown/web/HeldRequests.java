package io.github.gracefulshutdown.web;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Holds requests until they are released.
 *
 * @author The Graceful Shutdown authors
 */
public class HeldRequests {

	private final Map<String, CompletableFuture<String>> arrived = new ConcurrentHashMap<>();

	private final Map<String, CompletableFuture<String>> released = new ConcurrentHashMap<>();

	/**
	 * A request has arrived.
	 * @param id the identifier of the request
	 * @return completes when it is released
	 */
	public CompletableFuture<String> arrive(String id) {
		get(this.arrived, id).complete(id);
		return get(this.released, id);
	}

	String hold(String id) throws InterruptedException {
		try {
			return arrive(id).get(60, TimeUnit.SECONDS);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public void awaitArrival(String id) throws Exception {
		get(this.arrived, id).get(60, TimeUnit.SECONDS);
	}

	public void release(String id) {
		get(this.released, id).complete(id);
	}

	private static CompletableFuture<String> get(Map<String, CompletableFuture<String>> futures, String id) {
		return futures.computeIfAbsent(id, (key) -> new CompletableFuture<>());
	}

}
