package io.github.gracefulshutdown.drain;

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
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link JdkSignals}, which are also tests of assumptions about the JDK.
 *
 * @author The Graceful Shutdown authors
 */
class JdkSignalsTests {

	private final JdkSignals signals = new JdkSignals();

	// Another test may have begun to close its application
	@BeforeEach
	void awaitHandlerOfJvm() {
		await().until(() -> handle("TERM", null).getClass().getName().startsWith("sun.misc.Signal$"));
	}

	@Test
	void theHandlerOfTheJvmIsReplacedUntilItIsGivenBack() throws Exception {
		CountDownLatch received = new CountDownLatch(1);
		Object handlerOfJvm = handle("TERM", null);
		Taken taken = Objects.requireNonNull(this.signals.take("TERM", received::countDown));
		try {
			type().getMethod("raise", type()).invoke(null, signal("TERM"));
			assertThat(received.await(10, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			taken.giveBack();
		}
		assertThat(handle("TERM", null).getClass()).isEqualTo(handlerOfJvm.getClass());
	}

	@Test
	void aHandlerOfTheApplicationKeepsItsSignal() throws Exception {
		Object ofApplication = handlerOfApplication();
		Object ofJvm = handle("TERM", ofApplication);
		try {
			assertThat(this.signals.take("TERM", () -> {
			})).isNull();
			assertThat(handle("TERM", ofApplication)).isSameAs(ofApplication);
		}
		finally {
			handle("TERM", ofJvm);
		}
	}

	@Test
	void aHandlerThatTheApplicationHasSetSinceStays() throws Exception {
		Taken taken = Objects.requireNonNull(this.signals.take("TERM", () -> {
		}));
		Object ofApplication = handlerOfApplication();
		Object ours = handle("TERM", ofApplication);
		taken.giveBack();
		assertThat(handle("TERM", ours)).isSameAs(ofApplication);
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
