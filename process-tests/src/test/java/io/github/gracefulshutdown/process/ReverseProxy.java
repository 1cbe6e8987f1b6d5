package io.github.gracefulshutdown.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A reverse proxy of the kinds that people run, in front of two instances.
 *
 * @author The Graceful Shutdown authors
 */
enum ReverseProxy {

	/**
	 * Looks at the readiness, and keeps connections to the instances open. An instance
	 * that is stopped answers at once, so the long timeout only allows for a busy
	 * machine.
	 */
	HAPROXY("haproxy", """
			defaults
			  mode http
			  timeout connect 5s
			  timeout client 30s
			  timeout server 30s
			frontend clients
			  bind 127.0.0.1:%1$d
			  default_backend application
			backend application
			  option redispatch
			  option httpchk GET /actuator/health/readiness
			  timeout check 10s
			  default-server check inter 500ms fall 2 rise 1
			  server one 127.0.0.1:%2$d
			  server two 127.0.0.1:%3$d
			""") {

		@Override
		List<String> arguments(Path configuration) {
			return List.of("-db", "-f", configuration.toString());
		}

	},

	/**
	 * With its default settings. It learns only from failures, and then tries the other
	 * instance, unless the request is not idempotent.
	 */
	NGINX("nginx", nginx("", "")),

	/**
	 * Keeps connections to the instances open, as ingress controllers have it.
	 */
	NGINX_KEEP_ALIVE("nginx", nginx("keepalive 32;", "proxy_http_version 1.1; proxy_set_header Connection '';")),

	/**
	 * Answers 502 instead of trying the other instance, and forgets failures.
	 */
	NGINX_WITHOUT_RETRIES("nginx", nginx("", "proxy_next_upstream off;"));

	private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

	private final String program;

	private final String configuration;

	ReverseProxy(String program, String configuration) {
		this.program = program;
		this.configuration = configuration;
	}

	private static String nginx(String upstream, String location) {
		return """
				daemon off;
				pid %%4$s/nginx.pid;
				error_log %%4$s/error.log;
				events {
				}
				http {
				  access_log off;
				  client_body_temp_path %%4$s/body;
				  proxy_temp_path %%4$s/proxy;
				  fastcgi_temp_path %%4$s/fastcgi;
				  scgi_temp_path %%4$s/scgi;
				  uwsgi_temp_path %%4$s/uwsgi;
				  upstream application {
				    server 127.0.0.1:%%2$d;
				    server 127.0.0.1:%%3$d;
				    %s
				  }
				  server {
				    listen 127.0.0.1:%%1$d;
				    location / {
				      proxy_pass http://application;
				      %s
				    }
				  }
				}
				""".formatted(upstream, location);
	}

	List<String> arguments(Path configuration) {
		return List.of("-e", configuration.resolveSibling("error.log").toString(), "-c", configuration.toString());
	}

	boolean isInstalled() {
		return executable().isPresent();
	}

	private Optional<Path> executable() {
		return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
			.map((directory) -> Path.of(directory, this.program))
			.filter(Files::isExecutable)
			.findFirst();
	}

	/**
	 * Start the proxy.
	 * @param directory where it may write
	 * @param port the port to listen on
	 * @param one the port of an instance
	 * @param two the port of the other
	 * @return the process
	 */
	Process start(Path directory, int port, int one, int two) {
		try {
			Path file = directory.resolve(this.program + ".conf");
			Files.writeString(file, this.configuration.formatted(port, one, two, directory));
			List<String> command = new ArrayList<>(arguments(file));
			command.add(0, executable().orElseThrow().toString());
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(directory.resolve(this.program + ".log").toFile())
				.start();
			try {
				Awaitility.await().atMost(START_TIMEOUT).until(() -> !process.isAlive() || isListening(port));
			}
			catch (ConditionTimeoutException ex) {
				process.destroy();
				throw ex;
			}
			assertThat(process.isAlive()).as("%s with %s".formatted(this.program, file)).isTrue();
			return process;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean isListening(int port) {
		try {
			new Socket("localhost", port).close();
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
