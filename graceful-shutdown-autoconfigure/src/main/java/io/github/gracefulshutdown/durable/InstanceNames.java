package io.github.gracefulshutdown.durable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Names that tell an operator where an instance runs, and that never come again.
 *
 * @author The Graceful Shutdown authors
 */
final class InstanceNames {

	private static final int MAX_HOST_LENGTH = 20;

	private InstanceNames() {
	}

	static String next() {
		return "%s-%d-%s".formatted(host(), ProcessHandle.current().pid(),
				HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()));
	}

	private static String host() {
		String host;
		try {
			host = InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			host = "host";
		}
		// Part of a file's name
		String plain = host.replaceAll("[^A-Za-z0-9.]", "-");
		return plain.substring(0, Math.min(MAX_HOST_LENGTH, plain.length()));
	}

}
