package io.github.gracefulshutdown.web;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import io.github.gracefulshutdown.StreamsEndingEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;

/**
 * The responses and connections without end. Nobody waits for their last byte, so they
 * are ended when the sockets have stopped accepting, and a client that connects again
 * reaches another instance. Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
public final class EndlessResponses {

	private static final Log logger = LogFactory.getLog(EndlessResponses.class);

	private final boolean enabled;

	private final Consumer<StreamsEndingEvent> events;

	private final Set<Runnable> open = ConcurrentHashMap.newKeySet();

	private volatile boolean ended;

	/**
	 * Create streams.
	 * @param enabled whether they are ended at all
	 * @param events takes the event before they are ended, if there are any
	 */
	public EndlessResponses(boolean enabled, Consumer<StreamsEndingEvent> events) {
		this.enabled = enabled;
		this.events = events;
	}

	/**
	 * Return whether a response with this content type has no end of its own.
	 * @param contentType the content type, may be {@code null}
	 * @return whether it is a stream of events
	 */
	public static boolean isEndless(@Nullable String contentType) {
		if (!StringUtils.hasText(contentType)) {
			return false;
		}
		try {
			MediaType mediaType = MediaType.parseMediaType(contentType);
			return MediaType.TEXT_EVENT_STREAM.includes(mediaType) || MediaType.APPLICATION_NDJSON.includes(mediaType);
		}
		catch (InvalidMediaTypeException ex) {
			return false;
		}
	}

	/**
	 * Return whether streams are not begun any more.
	 * @return whether all streams are to end
	 */
	public boolean isEnded() {
		return this.ended;
	}

	/**
	 * A stream has been opened. If they have been ended already, that is done at once.
	 * @param end ends the stream; called at most once by this method and at most once by
	 * another thread, so it has to stand a second call
	 * @return to be called when the stream has ended by itself
	 */
	public Runnable opened(Runnable end) {
		if (!this.enabled) {
			return () -> {
			};
		}
		this.open.add(end);
		if (this.ended) {
			end(end);
		}
		return () -> this.open.remove(end);
	}

	/**
	 * Return whether streams are ended at all.
	 * @return whether they are
	 */
	boolean isEnabled() {
		return this.enabled;
	}

	/**
	 * End all streams.
	 */
	void end() {
		if (!this.open.isEmpty()) {
			sayGoodbye();
		}
		this.ended = true;
		for (Runnable stream : this.open) {
			end(stream);
		}
	}

	private void sayGoodbye() {
		try {
			this.events.accept(new StreamsEndingEvent(this.open.size()));
		}
		catch (RuntimeException ex) {
			logger.warn("The drain goes on: a listener to StreamsEndingEvent failed", ex);
		}
	}

	private static void end(Runnable end) {
		try {
			end.run();
		}
		catch (RuntimeException ex) {
			logger.warn("The drain goes on: a stream could not be ended", ex);
		}
	}

}
