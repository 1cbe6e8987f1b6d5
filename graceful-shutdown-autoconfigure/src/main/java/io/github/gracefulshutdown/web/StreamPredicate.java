package io.github.gracefulshutdown.web;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

/**
 * Decides which responses are streams: subscriptions that have no end of their own. A
 * stream does not hold a shutdown. It is ended when no other work is in flight. All other
 * responses are finished.
 * <p>
 * Without a bean of this type, a stream is {@code text/event-stream} in response to GET
 * ({@link #EVENT_STREAMS}). A handler decides for its own response by the request
 * attribute {@link #ATTRIBUTE}, which takes precedence.
 * <p>
 * Implementations must be thread-safe, fast, and must not throw. They are asked once for
 * each response that is written asynchronously or in several parts.
 *
 * @author The Graceful Shutdown authors
 */
@FunctionalInterface
public interface StreamPredicate {

	/**
	 * The default: {@code text/event-stream} in response to GET.
	 */
	StreamPredicate EVENT_STREAMS = (method, path, contentType) -> HttpMethod.GET.matches(method)
			&& MediaType.TEXT_EVENT_STREAM.includes(contentType);

	/**
	 * Name of the request attribute by which a handler decides, with a {@link Boolean} as
	 * its value. {@code true}: the response is a stream. {@code false}: the response is
	 * finished before the application stops. It must be set before the response is begun.
	 */
	String ATTRIBUTE = "io.github.gracefulshutdown.web.stream";

	/**
	 * Return whether a response is a stream.
	 * @param method the HTTP method of the request, in upper case
	 * @param path the path of the request, without a query
	 * @param contentType the content type of the response, or {@code null} if it has none
	 * @return {@code true} if the response is a stream, {@code false} if the shutdown
	 * waits for its end
	 */
	boolean isStream(String method, String path, @Nullable MediaType contentType);

}
