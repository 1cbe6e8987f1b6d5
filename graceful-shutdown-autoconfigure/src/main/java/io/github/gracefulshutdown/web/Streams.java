package io.github.gracefulshutdown.web;

import java.time.Duration;
import java.util.function.Consumer;

import io.github.gracefulshutdown.StreamsEndingEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;

/**
 * Which responses are streams, and how they are ended. A client that connects again
 * reaches another instance.
 *
 * @param end whether streams are ended at all; if not, they are requests like all others
 * @param quiet how long nothing must have been written to a stream before it is ended
 * @param predicate decides which responses are streams
 * @param events takes the event before streams are ended, if some are open
 * @author The Graceful Shutdown authors
 */
public record Streams(boolean end, Duration quiet, StreamPredicate predicate, Consumer<StreamsEndingEvent> events) {

	private static final Log logger = LogFactory.getLog(Streams.class);

	boolean contains(String method, String path, @Nullable Object attribute, @Nullable String contentType) {
		if (!this.end) {
			return false;
		}
		return (attribute instanceof Boolean stream) ? stream
				: this.predicate.isStream(method, path, mediaType(contentType));
	}

	private static @Nullable MediaType mediaType(@Nullable String contentType) {
		try {
			return StringUtils.hasText(contentType) ? MediaType.parseMediaType(contentType) : null;
		}
		catch (InvalidMediaTypeException ex) {
			return null;
		}
	}

	void sayGoodbye(int open) {
		logger.info("Ending %d stream%s".formatted(open, (open > 1) ? "s" : ""));
		try {
			this.events.accept(new StreamsEndingEvent(open));
		}
		catch (RuntimeException ex) {
			logger.warn("The drain goes on: a listener to StreamsEndingEvent failed", ex);
		}
	}

	static void end(Runnable end) {
		try {
			end.run();
		}
		catch (RuntimeException ex) {
			logger.warn("The drain goes on: a stream could not be ended", ex);
		}
	}

}
