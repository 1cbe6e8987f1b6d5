package io.github.gracefulshutdown.web;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;

/**
 * A clear-text HTTP/2 connection, in single frames.
 *
 * @author The Graceful Shutdown authors
 */
public final class Http2Connection implements AutoCloseable {

	private final HTTP2Client client = new HTTP2Client();

	private final CompletableFuture<GoAwayFrame> goAway = new CompletableFuture<>();

	private final CompletableFuture<ResetFrame> reset = new CompletableFuture<>();

	private final int port;

	private final Session session;

	/**
	 * Open a connection.
	 * @param port the port to connect to
	 * @throws Exception if it cannot be opened
	 */
	public Http2Connection(int port) throws Exception {
		this.port = port;
		this.client.start();
		this.session = this.client.connect(new InetSocketAddress("localhost", port), new Session.Listener() {

			@Override
			public void onGoAway(Session session, GoAwayFrame frame) {
				Http2Connection.this.goAway.complete(frame);
			}

		}).get(20, TimeUnit.SECONDS);
	}

	/**
	 * Send a request.
	 * @param path the path
	 * @return the head of the response
	 */
	public CompletableFuture<MetaData.Response> send(String path) {
		CompletableFuture<MetaData.Response> response = new CompletableFuture<>();
		MetaData.Request request = new MetaData.Request("GET", HttpURI.from("http://localhost:" + this.port + path),
				HttpVersion.HTTP_2, HttpFields.EMPTY);
		this.session.newStream(new HeadersFrame(request, null, true), new Stream.Listener() {

			@Override
			public void onHeaders(Stream stream, HeadersFrame frame) {
				response.complete((MetaData.Response) frame.getMetaData());
				stream.demand();
			}

			@Override
			public void onDataAvailable(Stream stream) {
				Stream.Data data = stream.readData();
				if (data == null) {
					stream.demand();
					return;
				}
				data.release();
				if (data.frame().isEndStream()) {
					Http2Connection.this.reset.completeExceptionally(new IllegalStateException("Complete"));
				}
				else {
					stream.demand();
				}
			}

			@Override
			public void onReset(Stream stream, ResetFrame frame, Callback callback) {
				Http2Connection.this.reset.complete(frame);
				callback.succeeded();
			}

		});
		return response;
	}

	/**
	 * Wait until the server says that it goes away.
	 * @throws Exception if it does not
	 */
	public void awaitGoAway() throws Exception {
		this.goAway.get(20, TimeUnit.SECONDS);
	}

	/**
	 * Wait until the server resets a stream.
	 * @throws Exception if it does not, or if it completes the stream
	 */
	public void awaitReset() throws Exception {
		this.reset.get(20, TimeUnit.SECONDS);
	}

	@Override
	public void close() throws Exception {
		this.client.stop();
	}

}
