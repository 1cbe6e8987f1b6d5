package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * Clients that send the same request back to back on connections that stay open, and
 * measure how long each takes.
 *
 * @author The Graceful Shutdown authors
 */
final class LoadClients implements AutoCloseable {

	private final byte[] request;

	private final ExecutorService threads;

	private final List<Socket> sockets = new ArrayList<>();

	LoadClients(int count, int port, String path) {
		this.request = "GET %s?id=hello HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(path)
			.getBytes(StandardCharsets.US_ASCII);
		this.threads = Executors.newFixedThreadPool(count);
		try {
			for (int i = 0; i < count; i++) {
				Socket socket = new Socket("localhost", port);
				socket.setTcpNoDelay(true);
				socket.setSoTimeout(60_000);
				this.sockets.add(socket);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Send requests.
	 * @param millis for how long
	 * @return the times of all requests, in nanoseconds, ascending
	 */
	long[] run(long millis) {
		long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		List<CompletableFuture<long[]>> times = new ArrayList<>();
		for (Socket socket : this.sockets) {
			times.add(CompletableFuture.supplyAsync(() -> run(socket, end), this.threads));
		}
		LongStream all = LongStream.empty();
		for (CompletableFuture<long[]> future : times) {
			all = LongStream.concat(all, LongStream.of(future.join()));
		}
		return all.sorted().toArray();
	}

	private long[] run(Socket socket, long end) {
		LongStream.Builder times = LongStream.builder();
		byte[] buffer = new byte[4096];
		try {
			long begin = System.nanoTime();
			while (begin < end) {
				socket.getOutputStream().write(this.request);
				receive(socket.getInputStream(), buffer);
				long now = System.nanoTime();
				times.add(now - begin);
				begin = now;
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return times.build().toArray();
	}

	private static void receive(InputStream in, byte[] buffer) throws IOException {
		int length = 0;
		while (!isComplete(buffer, length)) {
			int read = in.read(buffer, length, buffer.length - length);
			if (read < 0) {
				throw new IOException("Closed after: " + new String(buffer, 0, length, StandardCharsets.US_ASCII));
			}
			length += read;
		}
	}

	private static boolean isComplete(byte[] buffer, int length) {
		return length > 5 && buffer[length - 1] == 'o' && buffer[length - 5] == 'h';
	}

	@Override
	public void close() {
		this.threads.shutdown();
		for (Socket socket : this.sockets) {
			try {
				socket.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

}
