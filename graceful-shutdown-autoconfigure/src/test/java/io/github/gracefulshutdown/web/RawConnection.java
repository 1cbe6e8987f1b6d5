package io.github.gracefulshutdown.web;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import javax.net.SocketFactory;

import org.springframework.http.HttpMethod;

/**
 * An HTTP/1.1 client that hides nothing: one connection, no retries.
 *
 * @author The Graceful Shutdown authors
 */
public final class RawConnection implements AutoCloseable {

	private final Socket socket;

	private final InputStream in;

	/**
	 * Open a connection.
	 * @param port the port to connect to
	 * @throws IOException if it is refused
	 */
	public RawConnection(int port) throws IOException {
		this(SocketFactory.getDefault(), port);
	}

	/**
	 * Open a connection.
	 * @param sockets creates the socket
	 * @param port the port to connect to
	 * @throws IOException if it is refused
	 */
	public RawConnection(SocketFactory sockets, int port) throws IOException {
		this.socket = sockets.createSocket("localhost", port);
		this.socket.setSoTimeout(20_000);
		this.in = new BufferedInputStream(this.socket.getInputStream());
	}

	public void send(String path) throws IOException {
		send(path, "HTTP/1.1");
	}

	public void send(String path, String protocol) throws IOException {
		sendRaw("GET %s %s\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n".formatted(path, protocol));
	}

	public void send(HttpMethod method, String path) throws IOException {
		sendRaw("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".formatted(method, path));
	}

	public void sendRaw(String text) throws IOException {
		this.socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
	}

	/**
	 * Read the response.
	 * @return the head in lower case, or an empty string if there was no response
	 * @throws IOException if the connection was reset
	 */
	public String receive() throws IOException {
		String head = receiveTo("\r\n\r\n").toLowerCase(Locale.ROOT);
		if (head.contains("transfer-encoding: chunked")) {
			receiveTo("0\r\n\r\n");
		}
		else if (head.contains("content-length: ")) {
			int begin = head.indexOf("content-length: ") + "content-length: ".length();
			this.in.readNBytes(Integer.parseInt(head.substring(begin, head.indexOf('\r', begin))));
		}
		else if (head.contains("connection: close")) {
			this.in.readAllBytes();
		}
		return head;
	}

	/**
	 * Read the response.
	 * @return the head in lower case, or an empty string if the response is not complete
	 * @throws IOException if the connection was reset
	 */
	public String receiveWhole() throws IOException {
		String head = receiveTo("\r\n\r\n").toLowerCase(Locale.ROOT);
		boolean whole = head.endsWith("\r\n\r\n");
		if (head.contains("transfer-encoding: chunked")) {
			whole = receiveTo("0\r\n\r\n").endsWith("0\r\n\r\n");
		}
		else if (head.contains("content-length: ")) {
			int begin = head.indexOf("content-length: ") + "content-length: ".length();
			int length = Integer.parseInt(head.substring(begin, head.indexOf('\r', begin)));
			whole = this.in.readNBytes(length).length == length;
		}
		return whole ? head : "";
	}

	/**
	 * Read a text.
	 * @param end the end of the text
	 * @return the text up to and with its end, or to the end of the connection
	 * @throws IOException if the connection was reset
	 */
	public String receiveTo(String end) throws IOException {
		StringBuilder text = new StringBuilder();
		int next;
		while (text.indexOf(end) < 0 && (next = this.in.read()) >= 0) {
			text.append((char) next);
		}
		return text.toString();
	}

	/**
	 * Wait until the server closes the connection.
	 * @return whether it did so without sending more
	 * @throws IOException if the connection was reset
	 */
	public boolean isClosedByServer() throws IOException {
		return this.in.read() == -1;
	}

	/**
	 * Close the connection by a reset, so that the server sees no orderly end.
	 * @throws IOException if it cannot be closed
	 */
	public void reset() throws IOException {
		this.socket.setSoLinger(true, 0);
		this.socket.close();
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
