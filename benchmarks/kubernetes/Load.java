import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Five clients that send GET and POST requests and repeat none. Three keep their
 * connection until the server closes it, two open one for each request. Prints the totals
 * each second, and each failure.
 */
public class Load {

	private static final AtomicInteger answered = new AtomicInteger();

	private static final AtomicInteger failed = new AtomicInteger();

	public static void main(String[] arguments) throws InterruptedException {
		InetSocketAddress address = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
		for (int i = 0; i < 5; i++) {
			String method = (i % 2 == 0) ? "GET" : "POST";
			boolean keepAlive = i < 3;
			new Thread(() -> run(address, method, keepAlive)).start();
		}
		while (true) {
			System.out.println(answered + " " + failed);
			TimeUnit.SECONDS.sleep(1);
		}
	}

	private static void run(InetSocketAddress address, String method, boolean keepAlive) {
		byte[] request = "%s /echo?id=hello HTTP/1.1\r\nHost: app\r\nContent-Length: 0\r\n%s\r\n"
			.formatted(method, keepAlive ? "" : "Connection: close\r\n")
			.getBytes(StandardCharsets.US_ASCII);
		while (true) {
			try (Socket socket = new Socket()) {
				socket.connect(address, 5_000);
				socket.setSoTimeout(20_000);
				exchange(socket, request);
			}
			catch (IOException ex) {
				failed.incrementAndGet();
				System.out.println("FAILED " + LocalTime.now() + " " + method + (keepAlive ? " keep-alive: " : ": ") + ex);
				pause();
			}
		}
	}

	// Until the server says that it closes the connection
	private static void exchange(Socket socket, byte[] request) throws IOException {
		InputStream in = new BufferedInputStream(socket.getInputStream());
		boolean open = true;
		while (open) {
			socket.getOutputStream().write(request);
			String head = head(in);
			if (!head.startsWith("HTTP/1.1 200")) {
				throw new IOException(head.lines().findFirst().orElse("no status"));
			}
			in.readNBytes("hello".length());
			answered.incrementAndGet();
			open = !head.toLowerCase(Locale.ROOT).contains("connection: close");
			pause();
		}
	}

	private static String head(InputStream in) throws IOException {
		StringBuilder head = new StringBuilder();
		while (head.indexOf("\r\n\r\n") < 0) {
			int next = in.read();
			if (next < 0) {
				throw new IOException("closed after " + head.length() + " characters");
			}
			head.append((char) next);
		}
		return head.toString();
	}

	private static void pause() {
		try {
			TimeUnit.MILLISECONDS.sleep(20);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
