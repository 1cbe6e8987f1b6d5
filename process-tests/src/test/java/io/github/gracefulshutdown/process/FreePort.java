package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers that have to know their port before they start. They lie below the
 * range that Linux takes the ports of outgoing connections from: such a connection could
 * take the port of an instance while it is restarted.
 *
 * @author The Graceful Shutdown authors
 */
public final class FreePort {

	private static final int FIRST = 16_000;

	private static final int COUNT = 16_000;

	private static final AtomicInteger next = new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

	private FreePort() {
	}

	/**
	 * Return a port that nobody uses, and that no other call has returned.
	 * @return the port
	 */
	public static int next() {
		int port;
		do {
			port = FIRST + next.getAndIncrement() % COUNT;
		}
		while (!isFree(port));
		return port;
	}

	private static boolean isFree(int port) {
		try (ServerSocket socket = new ServerSocket(port)) {
			return socket.isBound();
		}
		catch (IOException ex) {
			return false;
		}
	}

}
