package io.github.gracefulshutdown.drain;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.gracefulshutdown.drain.Signals.Taken;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * Tests for {@link JdkSignals}, which are also tests of assumptions about the JDK.
 *
 * @author The Graceful Shutdown authors
 */
class JdkSignalsTests {

	// The JVM handles it, and no application of another test takes it
	private static final String SIGNAL = "HUP";

	private final JdkSignals signals = new JdkSignals();

	@BeforeEach
	void signalIsNotIgnored() throws Exception {
		try {
			assumeThat(handle(SIGNAL, null).getClass().getName()).isEqualTo("sun.misc.Signal$SunMiscHandler");
		}
		catch (InvocationTargetException ex) {
			abort("SIG%s is ignored in this process, as below nohup".formatted(SIGNAL));
		}
	}

	@Test
	void theHandlerOfTheJvmIsReplacedUntilItIsGivenBack() throws Exception {
		CountDownLatch received = new CountDownLatch(1);
		Object handlerOfJvm = handle(SIGNAL, null);
		Taken taken = Objects.requireNonNull(this.signals.take(SIGNAL, received::countDown));
		try {
			type().getMethod("raise", type()).invoke(null, signal(SIGNAL));
			assertThat(received.await(10, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			taken.giveBack();
		}
		assertThat(handle(SIGNAL, null).getClass()).isEqualTo(handlerOfJvm.getClass());
	}

	@Test
	void aHandlerOfTheApplicationKeepsItsSignal() throws Exception {
		Object ofApplication = handlerOfApplication();
		Object ofJvm = handle(SIGNAL, ofApplication);
		try {
			assertThat(this.signals.take(SIGNAL, () -> {
			})).isNull();
			assertThat(handle(SIGNAL, ofApplication)).isSameAs(ofApplication);
		}
		finally {
			handle(SIGNAL, ofJvm);
		}
	}

	@Test
	void aHandlerThatTheApplicationHasSetSinceStays() throws Exception {
		Taken taken = Objects.requireNonNull(this.signals.take(SIGNAL, () -> {
		}));
		Object ofApplication = handlerOfApplication();
		Object ours = handle(SIGNAL, ofApplication);
		taken.giveBack();
		assertThat(handle(SIGNAL, ours)).isSameAs(ofApplication);
		taken.giveBack();
	}

	@Test
	@DisabledOnOs(OS.WINDOWS)
	void aSignalThatTheJvmDoesNotHandleIsNotTaken() {
		assertThat(this.signals.take("WINCH", () -> {
		})).isNull();
	}

	@Test
	void anUnknownSignalIsNotTaken() {
		assertThat(this.signals.take("NOSUCHSIGNAL", () -> {
		})).isNull();
	}

	private static Object handlerOfApplication() throws ReflectiveOperationException {
		Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
		return Proxy.newProxyInstance(JdkSignalsTests.class.getClassLoader(), new Class<?>[] { handlerType },
				(proxy, method, arguments) -> null);
	}

	/**
	 * Set a handler.
	 * @param name the signal
	 * @param handler the handler, or {@code null} to look at the current one only
	 * @return the handler that was set before
	 */
	private static Object handle(String name, @Nullable Object handler) throws ReflectiveOperationException {
		Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
		Method handle = type().getMethod("handle", type(), handlerType);
		Object before = handle.invoke(null, signal(name), (handler != null) ? handler : handlerOfApplication());
		if (handler == null) {
			handle.invoke(null, signal(name), before);
		}
		return before;
	}

	private static Class<?> type() throws ClassNotFoundException {
		return Class.forName("sun.misc.Signal");
	}

	private static Object signal(String name) throws ReflectiveOperationException {
		return type().getConstructor(String.class).newInstance(name);
	}

}
