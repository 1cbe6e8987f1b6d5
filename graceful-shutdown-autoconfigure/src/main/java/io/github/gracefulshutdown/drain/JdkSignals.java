package io.github.gracefulshutdown.drain;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ReflectionUtils;

/**
 * Signals by {@code sun.misc.Signal}, which the module {@code jdk.unsupported} exports.
 * By reflection: the compiler's warning about that package cannot be switched off.
 *
 * @author The Graceful Shutdown authors
 */
final class JdkSignals implements Signals {

	private static final Log logger = LogFactory.getLog(JdkSignals.class);

	private static final String HANDLER_OF_JVM = "sun.misc.Signal$SunMiscHandler";

	private final AtomicBoolean warned = new AtomicBoolean();

	@Override
	public @Nullable Taken take(String name, Runnable handler) {
		try {
			return JdkSignal.take(name, handler);
		}
		catch (InvocationTargetException ex) {
			if (String.valueOf(ex.getCause()).contains("already used") && this.warned.compareAndSet(false, true)) {
				logger.warn("The JVM does not handle SIG%s, because of -Xrs: it ends the process without a drain"
					.formatted(name));
			}
			return null;
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			// Such as a runtime without that module
			return null;
		}
	}

	private record JdkSignal(Method register, Method handle, Object signal, Object ours,
			Object previous) implements Taken {

		static @Nullable Taken take(String name, Runnable handler) throws ReflectiveOperationException {
			Class<?> signalType = Class.forName("sun.misc.Signal");
			Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
			Method register = signalType.getMethod("handle", signalType, handlerType);
			Method handle = handlerType.getMethod("handle", signalType);
			Object signal = signalType.getConstructor(String.class).newInstance(name);
			Object ours = Proxy.newProxyInstance(JdkSignals.class.getClassLoader(), new Class<?>[] { handlerType },
					handler(handle, handler));
			Object previous = register.invoke(null, signal, ours);
			if (isOfJvm(previous, handlerType)) {
				return new JdkSignal(register, handle, signal, ours, previous);
			}
			register.invoke(null, signal, previous);
			return null;
		}

		private static InvocationHandler handler(Method handle, Runnable handler) {
			return (proxy, method, arguments) -> {
				if (method.equals(handle)) {
					handler.run();
					return null;
				}
				return switch (method.getName()) {
					case "equals" -> proxy == arguments[0];
					case "hashCode" -> System.identityHashCode(proxy);
					default -> "graceful shutdown";
				};
			};
		}

		private static boolean isOfJvm(Object handler, Class<?> handlerType) throws ReflectiveOperationException {
			return handler.getClass().getName().equals(HANDLER_OF_JVM)
					&& handler != handlerType.getField("SIG_IGN").get(null)
					&& handler != handlerType.getField("SIG_DFL").get(null);
		}

		@Override
		public void handOn() {
			ReflectionUtils.invokeMethod(this.handle, this.previous, this.signal);
		}

		@Override
		public void giveBack() {
			Object current = ReflectionUtils.invokeMethod(this.register, null, this.signal, this.previous);
			if (current != this.ours) {
				ReflectionUtils.invokeMethod(this.register, null, this.signal, current);
			}
		}

	}

}
