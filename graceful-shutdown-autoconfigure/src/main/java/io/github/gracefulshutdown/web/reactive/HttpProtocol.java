package io.github.gracefulshutdown.web.reactive;

import jakarta.servlet.http.HttpServletRequest;

import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.util.ClassUtils;

/**
 * Distinguishes HTTP/1 from later versions, in which a response must not have a
 * {@code Connection} header.
 *
 * @author The Graceful Shutdown authors
 */
final class HttpProtocol {

	private static final boolean SERVLET = ClassUtils.isPresent("jakarta.servlet.http.HttpServletRequest",
			HttpProtocol.class.getClassLoader());

	private HttpProtocol() {
	}

	/**
	 * Return whether a response may have the header. Reactor Netty removes it from HTTP/2
	 * responses, the servlet containers do not.
	 * @param request the request
	 * @return whether to set the header
	 */
	static boolean isHttp1(ServerHttpRequest request) {
		return !SERVLET || ServletRequest.isHttp1(ServerHttpRequestDecorator.getNativeRequest(request));
	}

	/**
	 * Loaded only if the servlet API is present.
	 */
	private static final class ServletRequest {

		static boolean isHttp1(Object request) {
			return !(request instanceof HttpServletRequest servlet) || servlet.getProtocol().startsWith("HTTP/1");
		}

	}

}
