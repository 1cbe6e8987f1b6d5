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
	 * @param type the class that declares the field
	 * @param name the name of the field
	 * @return the value, or {@code null} if the object is no instance of the class, or if
	 * the class has no such field in this version of the library
	 */
	public static @Nullable Object read(@Nullable Object object, Class<?> type, String name) {
		Field field = type.isInstance(object) ? ReflectionUtils.findField(type, name) : null;
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return ReflectionUtils.getField(field, object);
	}

}
