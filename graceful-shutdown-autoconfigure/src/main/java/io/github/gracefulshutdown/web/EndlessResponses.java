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
 * The open responses that have no end of their own. The drain does not wait for their end
 * but completes them when the sockets are closed. A client that connects again reaches
 * another instance. Thread-safe.
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
	 * Create the set of endless responses.
	 * @param enabled whether they are completed at all
	 * @param events takes the event before they are completed, if some are open
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
	 * Return whether endless responses have been completed. Later ones are completed as
	 * soon as they are opened.
	 * @return whether no such response stays open
	 */
	public boolean isEnded() {
		return this.ended;
	}

	/**
	 * Add an endless response. It is completed at once if the others already are.
	 * @param end completes the response. It must allow a second call, because this method
	 * and another thread may each call it once
	 * @return to be called when the response has ended by itself
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
	 * Return whether endless responses are completed at all.
	 * @return whether they are completed when the sockets are closed
	 */
	boolean isEnabled() {
		return this.enabled;
	}

	/**
	 * Complete all responses.
	 */
	void end() {
		if (!this.open.isEmpty()) {
			sayGoodbye();
		}
		this.ended = true;
		for (Runnable response : this.open) {
			end(response);
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
