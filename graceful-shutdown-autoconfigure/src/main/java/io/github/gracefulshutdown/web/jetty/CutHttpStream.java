package io.github.gracefulshutdown.web.jetty;

import java.nio.ByteBuffer;

import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Fails instead of sending the end of a response, as if the client had gone. Jetty closes
 * the connection then, or resets the stream of HTTP/2.
 *
 * @author The Graceful Shutdown authors
 */
final class CutHttpStream extends HttpStream.Wrapper {

	CutHttpStream(HttpStream stream) {
		super(stream);
	}

	@Override
	public void send(MetaData.Request request, MetaData.@Nullable Response response, boolean last,
			@Nullable ByteBuffer content, Callback callback) {
		if (last) {
			callback.failed(new EofException("The stream was ended by the shutdown"));
		}
		else {
			super.send(request, response, last, content, callback);
		}
	}

}
