package io.github.gracefulshutdown.durable;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.gracefulshutdown.job.OnDrain;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

import org.springframework.beans.BeansException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.GenericTypeResolver;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.expression.Expression;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringValueResolver;

/**
 * The durable jobs of this application, by their names and their former names.
 * Thread-safe.
 *
 * @author The Graceful Shutdown authors
 */
final class DurableJobDefinitions {

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

	// Without it, a number is in milliseconds, and rarely meant so
	private static final Pattern WITHOUT_UNIT = Pattern.compile("[+-]?0*[1-9]\\d*");

	private static final Set<String> ALWAYS_KNOWN = Set.of("#root", "#this");

	private static final String ENTITY = "jakarta.persistence.Entity";

	private static final List<String> UNREADABLE_PACKAGES = List.of("jakarta.servlet.", "org.springframework.http.",
			"org.springframework.web.", "org.springframework.ui.", "org.springframework.core.io.", "java.sql.",
			"java.lang.reflect.", "java.util.concurrent.", "java.util.function.", "java.nio.channels.");

	private static final Set<Class<?>> UNREADABLE = Set.of(Object.class, Thread.class, Runnable.class, Class.class,
			java.io.File.class);

	private static final List<Class<?>> UNREADABLE_PARENTS = List.of(java.io.InputStream.class,
			java.io.OutputStream.class, java.io.Reader.class, java.io.Writer.class, java.util.stream.BaseStream.class);

	private volatile @Nullable String transactional;

	private final Map<String, DurableJobDefinition> byName = new ConcurrentHashMap<>();

	private final Map<Method, Map<String, DurableJobDefinition>> byMethod = new ConcurrentHashMap<>();

	private final List<Runnable> whenComplete = new ArrayList<>();

	private boolean complete;

	private final JobJson json;

	private final StringValueResolver placeholders;

	DurableJobDefinitions(JobJson json, StringValueResolver placeholders) {
		this.json = json;
		this.placeholders = placeholders;
	}

	/**
	 * Remember a job that runs in a transaction.
	 * @param name its name
	 */
	void setTransactional(String name) {
		this.transactional = name;
	}

	@Nullable String getTransactional() {
		return this.transactional;
	}

	/**
	 * Run an action once all jobs are defined.
	 * @param action the action, run at once if they are
	 */
	void whenComplete(Runnable action) {
		synchronized (this.whenComplete) {
			if (!this.complete) {
				this.whenComplete.add(action);
				return;
			}
		}
		action.run();
	}

	/**
	 * All jobs are defined, also those of beans that are created late.
	 */
	void complete() {
		synchronized (this.whenComplete) {
			this.complete = true;
		}
		this.whenComplete.forEach(Runnable::run);
	}

	boolean isEmpty() {
		return this.byName.isEmpty();
	}

	@Nullable DurableJobDefinition find(String name) {
		return this.byName.get(name);
	}

	/**
	 * Return the names of jobs that this application can do.
	 * @return the names and the former names
	 */
	Collection<String> names() {
		return this.byName.keySet();
	}

	/**
	 * Return the names under which the jobs of this application are shown.
	 * @return the names without the former names
	 */
	Set<String> currentNames() {
		return this.byName.values()
			.stream()
			.map(DurableJobDefinition::name)
			.collect(Collectors.toCollection(TreeSet::new));
	}

	@Nullable DurableJobDefinition find(Method method, String beanName) {
		Map<String, DurableJobDefinition> byBean = this.byMethod.get(method);
		return (byBean != null) ? byBean.get(beanName) : null;
	}

	static boolean isDurable(Method method) {
		return AnnotatedElementUtils.hasAnnotation(method, DurableJob.class);
	}

	/**
	 * Define a job. No effect if the bean is created again.
	 * @param method the annotated method
	 * @param targetClass the class of the bean
	 * @param beanName the name of the bean
	 * @param target the bean, with the proxy that is part of the run
	 * @throws InvalidDurableJobException if the method cannot be a durable job
	 */
	synchronized void define(Method method, Class<?> targetClass, String beanName, Supplier<Object> target) {
		if (find(method, beanName) != null) {
			return;
		}
		DurableJob annotation = AnnotatedElementUtils.findMergedAnnotation(method, DurableJob.class);
		if (annotation == null) {
			return;
		}
		Site site = new Site(method, targetClass, beanName);
		checkMethod(site);
		String name = checkName(site, "name", annotation.name());
		if (annotation.onDrain() == OnDrain.IGNORE) {
			throw site.invalid("onDrain must not be IGNORE", "Use FINISH or CANCEL.");
		}
		if (annotation.attempts() < 1) {
			throw site.invalid("attempts is %d, and must be 1 or more".formatted(annotation.attempts()),
					"Set attempts to 1 or more.");
		}
		DurableJobDefinition definition = new DurableJobDefinition(name,
				List.of(annotation.aliases()).stream().map((alias) -> checkName(site, "aliases", alias)).toList(),
				method, types(site), parseKey(site, annotation.key()), annotation.attempts(),
				parseBackoff(site, annotation.backoff()), annotation.onDrain(), annotation.interrupt(), beanName,
				target);
		add(site, name, definition);
		definition.aliases().forEach((alias) -> add(site, alias, definition));
		this.byMethod.computeIfAbsent(method, (key) -> new ConcurrentHashMap<>()).put(beanName, definition);
	}

	private void add(Site site, String name, DurableJobDefinition definition) {
		DurableJobDefinition other = this.byName.putIfAbsent(name, definition);
		if (other != null) {
			throw site.invalid(
					"the name '%s' is also that of %s of bean '%s'".formatted(name,
							ClassUtils.getQualifiedMethodName(other.method()), other.beanName()),
					"Give each durable job a name of its own.");
		}
	}

	private static void checkMethod(Site site) {
		Method method = site.method();
		int modifiers = method.getModifiers();
		if (Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers) || Modifier.isFinal(modifiers)) {
			throw site.invalid("the method is private, static or final", "Let Spring's proxy override the method.");
		}
		if (method.getReturnType() != void.class) {
			throw site.invalid(
					"it returns %s, and runs after the call has returned"
						.formatted(method.getReturnType().getSimpleName()),
					"Let the method return void, and wait for its work in it.");
		}
	}

	private String resolve(Site site, String attribute, String declared) {
		try {
			String value = this.placeholders.resolveStringValue(declared);
			return (value != null) ? value : "";
		}
		catch (IllegalArgumentException | BeansException ex) {
			throw site.invalid(
					"%s is '%s', which cannot be resolved: %s".formatted(attribute, declared, ex.getMessage()),
					"Define the property, or give it a default: \"${property:default}\".");
		}
	}

	private String checkName(Site site, String attribute, String declared) {
		String name = resolve(site, attribute, declared);
		if (name.isEmpty()) {
			throw site.invalid("it has no name", "Give it a name that never changes: @DurableJob(\"send-invoice\").");
		}
		if (!NAME.matcher(name).matches()) {
			throw site.invalid("'%s' is not a name (%s)".formatted(name, attribute),
					"Use 1 to 100 of the characters A-Z, a-z, 0-9, '.', '_' and '-'.");
		}
		return name;
	}

	static @Nullable Expression parseKey(Site site, String key) {
		if (key.isEmpty()) {
			return null;
		}
		try {
			SpelExpression expression = new SpelExpressionParser().parseRaw(key);
			checkVariables(site, key, expression.getAST());
			return expression;
		}
		catch (ParseException ex) {
			throw site.invalid("key is '%s', which is not an expression: %s".formatted(key, ex.getMessage()),
					"Write an expression of the arguments, such as \"#export.id\".");
		}
	}

	// SpEL takes an unknown variable for null, and null is no key
	private static void checkVariables(Site site, String key, SpelNode node) {
		if (node instanceof VariableReference) {
			Set<String> known = DurableJobDefinition.variables(site.method());
			String variable = node.toStringAST();
			if (!known.contains(variable) && !ALWAYS_KNOWN.contains(variable)) {
				throw site.invalid("key is '%s', and there is no argument %s".formatted(key, variable),
						known.isEmpty() ? "The method has no arguments."
								: "Use %s. Names of arguments need the compiler option -parameters."
									.formatted(String.join(", ", known)));
			}
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			checkVariables(site, key, node.getChild(i));
		}
	}

	private Duration parseBackoff(Site site, String backoff) {
		String value = resolve(site, "backoff", backoff);
		String problem = "is not a duration";
		try {
			Duration parsed = DurationStyle.detectAndParse(value);
			if (WITHOUT_UNIT.matcher(value).matches()) {
				problem = "has no unit";
			}
			else if (parsed.isNegative() || parsed.compareTo(DurableJobDefinition.MAX_PAUSE) > 0) {
				problem = "is not between 0 and 1 hour";
			}
			else {
				return parsed;
			}
		}
		catch (IllegalArgumentException ex) {
			// It is not a duration
		}
		throw site.invalid("backoff is '%s', which %s".formatted(value, problem),
				"Write a duration with a unit, of at most one hour, such as \"10s\".");
	}

	private List<JavaType> types(Site site) {
		List<JavaType> types = new ArrayList<>();
		for (Type parameter : site.method().getGenericParameterTypes()) {
			Type type = GenericTypeResolver.resolveType(parameter, site.targetClass());
			String problem = findProblem(ResolvableType.forType(type));
			JavaType javaType = this.json.typeOf(type);
			if (problem == null) {
				problem = this.json.findProblem(javaType);
			}
			if (problem != null) {
				throw site.invalid(
						"an argument of type %s cannot be read back from JSON: %s".formatted(type.getTypeName(),
								problem),
						"Use simple types, records, or identifiers of the objects that the job needs. Exclude a property that it does not need with @JsonIgnore.");
			}
			types.add(javaType);
		}
		return types;
	}

	private static @Nullable String findProblem(ResolvableType type) {
		Class<?> raw = type.toClass();
		if (raw.isArray()) {
			return findProblem(type.getComponentType());
		}
		if (raw.isEnum()) {
			return null;
		}
		if (UNREADABLE.contains(raw) || UNREADABLE_PARENTS.stream().anyMatch((parent) -> parent.isAssignableFrom(raw))
				|| UNREADABLE_PACKAGES.stream().anyMatch(raw.getName()::startsWith)) {
			return "%s has no form in JSON that could be read back".formatted(raw.getName());
		}
		for (Annotation annotation : raw.getAnnotations()) {
			if (annotation.annotationType().getName().equals(ENTITY)) {
				return "%s is an entity, and its copy would not be managed".formatted(raw.getName());
			}
		}
		for (ResolvableType generic : type.getGenerics()) {
			String problem = findProblem(generic);
			if (problem != null) {
				return problem;
			}
		}
		return null;
	}

	/**
	 * Where a job is declared.
	 *
	 * @param method the annotated method
	 * @param targetClass the class of the bean
	 * @param beanName the name of the bean
	 */
	record Site(Method method, Class<?> targetClass, String beanName) {

		InvalidDurableJobException invalid(String problem, String action) {
			return new InvalidDurableJobException(
					"%s of bean '%s' cannot be a @DurableJob: %s.".formatted(
							ClassUtils.getQualifiedMethodName(this.method, this.targetClass), this.beanName, problem),
					action);
		}

	}

}
