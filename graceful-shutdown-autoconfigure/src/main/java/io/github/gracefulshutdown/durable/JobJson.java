package io.github.gracefulshutdown.durable;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.deser.AbstractDeserializer;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.impl.UnsupportedTypeDeserializer;
import tools.jackson.databind.deser.std.ContainerDeserializerBase;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.std.StdContainerSerializer;

/**
 * Writes arguments and progress to JSON and reads them back. The types come from the
 * code, never from the store. The mapper is not that of the application, whose settings
 * may change.
 *
 * @author The Graceful Shutdown authors
 */
final class JobJson {

	/**
	 * 256 kB.
	 */
	static final int MAX_BYTES = 256 * 1024;

	private static final TypeReference<Map<String, String>> TRACE = new TypeReference<>() {
	};

	// Two versions of the application may run at once: one may know more properties
	private final JsonMapper mapper = JsonMapper.builder()
		.findAndAddModules(JobJson.class.getClassLoader())
		// A number of any size and scale survives
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
		.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
		.build();

	/**
	 * Write arguments, and ensure that they can be read back.
	 * @param definition the job
	 * @param arguments the arguments
	 * @return an array in JSON
	 * @throws IllegalArgumentException if they cannot be read back, or are too large
	 */
	String write(DurableJobDefinition definition, @Nullable Object[] arguments) {
		List<JavaType> types = definition.types();
		if (arguments.length != types.size()) {
			throw new IllegalArgumentException(
					"Job '%s' has %d arguments, not %d".formatted(definition.name(), types.size(), arguments.length));
		}
		try {
			ArrayNode array = this.mapper.createArrayNode();
			for (int i = 0; i < arguments.length; i++) {
				// As the declared type, so that polymorphic types write their type
				array.add(this.mapper.readTree(
						this.mapper.writerFor(types.get(i)).writeValueAsString(check(definition, i, arguments[i]))));
			}
			String json = this.mapper.writeValueAsString(array);
			checkLength(json, "arguments", definition.name());
			read(definition, json);
			return json;
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException("The arguments of job '%s' cannot be read back from JSON: %s"
				.formatted(definition.name(), ex.getOriginalMessage()), ex);
		}
	}

	private static void checkLength(String json, String kind, String name) {
		int bytes = json.getBytes(StandardCharsets.UTF_8).length;
		if (bytes > MAX_BYTES) {
			throw new IllegalArgumentException(
					"The %s of job '%s' in JSON: %d bytes, but at most %d are possible. Store a reference instead"
						.formatted(kind, name, bytes, MAX_BYTES));
		}
	}

	/**
	 * Write the progress of a job.
	 * @param job the job
	 * @param progress its progress
	 * @return the progress in JSON
	 * @throws IllegalArgumentException if it cannot be written, or is too large
	 */
	String writeProgress(StoredJob job, Object progress) {
		try {
			String json = this.mapper.writeValueAsString(progress);
			checkLength(json, "progress", job.name());
			return json;
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException("The progress of job '%s' cannot be written to JSON: %s"
				.formatted(job.name(), ex.getOriginalMessage()), ex);
		}
	}

	/**
	 * Read the progress of a job.
	 * @param <T> its type
	 * @param job the job
	 * @param json the progress in JSON
	 * @param type its type
	 * @return the progress
	 * @throws IllegalStateException if it has another type
	 */
	<T> T readProgress(StoredJob job, String json, Class<T> type) {
		try {
			return this.mapper.readValue(json, type);
		}
		catch (JacksonException ex) {
			throw new IllegalStateException("The progress of job '%s' cannot be read as %s: %s".formatted(job.name(),
					type.getName(), ex.getOriginalMessage()), ex);
		}
	}

	/**
	 * Write the headers of a trace.
	 * @param headers the headers
	 * @return an object in JSON
	 */
	String writeTrace(Map<String, String> headers) {
		return this.mapper.writeValueAsString(headers);
	}

	/**
	 * Read the headers of a trace.
	 * @param json an object in JSON
	 * @return the headers
	 * @throws JacksonException if they cannot be read
	 */
	Map<String, String> readTrace(String json) {
		return this.mapper.readValue(json, TRACE);
	}

	private static @Nullable Object check(DurableJobDefinition definition, int index, @Nullable Object argument) {
		Class<?> type = definition.types().get(index).getRawClass();
		if (argument != null && !type.isPrimitive() && !type.isInstance(argument)) {
			throw new IllegalArgumentException("Argument %d of job '%s' is a %s, not a %s".formatted(index + 1,
					definition.name(), argument.getClass().getName(), type.getName()));
		}
		return argument;
	}

	/**
	 * Read arguments.
	 * @param definition the job
	 * @param json an array in JSON
	 * @return the arguments, {@code null} where the array is too short
	 * @throws JacksonException if they cannot be read
	 */
	@Nullable Object[] read(DurableJobDefinition definition, String json) {
		JsonNode array = this.mapper.readTree(json);
		List<JavaType> types = definition.types();
		@Nullable Object[] arguments = new Object[types.size()];
		for (int i = 0; i < arguments.length; i++) {
			JsonNode node = array.get(i);
			arguments[i] = this.mapper.readerFor(types.get(i))
				.readValue((node != null) ? node : this.mapper.nullNode());
		}
		return arguments;
	}

	JavaType typeOf(java.lang.reflect.Type type) {
		return this.mapper.constructType(type);
	}

	/**
	 * Find out why no value of a type can be read back from JSON, or of a type inside it.
	 * Runs no code of the type.
	 * @param type the type
	 * @return the reason, or {@code null} if its values may be readable
	 */
	@Nullable String findProblem(JavaType type) {
		try {
			DeserializationContext context = this.mapper._deserializationContext();
			return findProblem("", type, context.findRootValueDeserializer(type), context, new HashSet<>());
		}
		catch (InvalidDefinitionException ex) {
			return ex.getOriginalMessage();
		}
	}

	/**
	 * Find out why values of a type cannot be read. Deserializers that are not those of
	 * Jackson for beans and containers are trusted.
	 * @param path the place inside the argument, empty for the argument itself
	 * @param type the type
	 * @param deserializer its deserializer, which is not that of its type if an
	 * annotation names another one
	 * @param context finds out whether a deserializer reads references
	 * @param seen the types that are checked already, because types can be recursive
	 * @return the reason, or {@code null}
	 */
	private @Nullable String findProblem(String path, JavaType type, @Nullable ValueDeserializer<?> deserializer,
			DeserializationContext context, Set<JavaType> seen) {
		if (deserializer instanceof AbstractDeserializer) {
			return isReference(deserializer, context) ? null
					: problem(path, type, "is abstract without type information");
		}
		if (deserializer instanceof UnsupportedTypeDeserializer) {
			return problem(path, type, "needs a Jackson module that is missing");
		}
		if (deserializer instanceof ContainerDeserializerBase<?> container) {
			if (!canInstantiate(container.getValueInstantiator())) {
				return problem(path, type, "has no constructor for JSON");
			}
			JavaType content = type.getContentType();
			return (content != null && !hasTypeInformation(content, context))
					? findProblem(path + "[]", content, container.getContentDeserializer(), context, seen) : null;
		}
		if (deserializer instanceof BeanDeserializerBase bean && seen.add(type)) {
			if (!canInstantiate(bean.getValueInstantiator()) && !isReference(bean, context)) {
				return problem(path, type, "has no constructor for JSON");
			}
			return findProblem(path, type, bean, context, seen);
		}
		return null;
	}

	// Of a property that is read and not written, nothing is in the JSON
	private @Nullable String findProblem(String path, JavaType type, BeanDeserializerBase bean,
			DeserializationContext context, Set<JavaType> seen) {
		Set<String> written = new HashSet<>();
		if (this.mapper._serializationContext()
			.findTypedValueSerializer(type, true) instanceof BeanSerializerBase serializer) {
			serializer.properties().forEachRemaining((property) -> {
				if (property instanceof BeanPropertyWriter writer && isUsual(writer.getSerializer())) {
					written.add(property.getName());
				}
			});
		}
		for (Iterator<SettableBeanProperty> properties = bean.properties(); properties.hasNext();) {
			SettableBeanProperty property = properties.next();
			if (written.contains(property.getName()) && !property.hasValueTypeDeserializer()) {
				String problem = findProblem(path.isEmpty() ? property.getName() : path + "." + property.getName(),
						property.getType(), property.getValueDeserializer(), context, seen);
				if (problem != null) {
					return problem;
				}
			}
		}
		return null;
	}

	private static String problem(String path, JavaType type, String problem) {
		String name = type.toCanonical();
		return path.isEmpty() ? "%s %s".formatted(name, problem)
				: "'%s' is of type %s, which %s".formatted(path, name, problem);
	}

	private static boolean isUsual(@Nullable ValueSerializer<?> serializer) {
		return serializer == null || serializer instanceof BeanSerializerBase
				|| serializer instanceof StdContainerSerializer<?>;
	}

	private static boolean canInstantiate(@Nullable ValueInstantiator instantiator) {
		return instantiator == null || instantiator.canInstantiate() || instantiator.canCreateFromBigInteger()
				|| instantiator.canCreateFromBigDecimal();
	}

	private static boolean hasTypeInformation(JavaType content, DeserializationContext context) {
		return content.getTypeHandler() != null || context.findTypeDeserializer(content) != null;
	}

	private static boolean isReference(ValueDeserializer<?> deserializer, DeserializationContext context) {
		return deserializer.getObjectIdReader(context) != null;
	}

}
