package io.github.gracefulshutdown.tracking;

import java.lang.reflect.Field;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ReflectionUtils;

/**
 * Reads state of libraries that they do not show.
 *
 * @author The Graceful Shutdown authors
 */
public final class PrivateFields {

	private PrivateFields() {
	}

	/**
	 * Read a field.
	 * @param object the object, or {@code null}
	 * @param name the name of the field
	 * @return the value, or {@code null} if there is no object, or if it has no such
	 * field in this version of the library
	 */
	public static @Nullable Object read(@Nullable Object object, String name) {
		Field field = (object != null) ? ReflectionUtils.findField(object.getClass(), name) : null;
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return ReflectionUtils.getField(field, object);
	}

}
