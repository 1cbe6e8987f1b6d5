import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Sends web-hooks as GitHub does: the first ones at once, then one in every pause. Each goes
 * to the first of the URLs, in turn, that takes its connection. Ends when all have refused
 * connections for longer than its patience. Prints a line for each web-hook: {@code accepted
 * <delivery> <author>} or {@code refused <reason>}. Arguments: the file of the payload, the
 * number at once, the pause in milliseconds, the patience in seconds, and the URLs.
 */
public class SendWebhooks {

	private static final Duration AT_MOST = Duration.ofSeconds(60);

	public static void main(String[] args) throws Exception {
		String template = Files.readString(Path.of(args[0]));
		int atOnce = Integer.parseInt(args[1]);
		long pauseMillis = Long.parseLong(args[2]);
		Duration patience = Duration.ofSeconds(Long.parseLong(args[3]));
		List<String> urls = List.of(args).subList(4, args.length);
		SecretKeySpec secret = new SecretKeySpec(System.getenv("BOT_WEBHOOK_SECRET").getBytes(StandardCharsets.UTF_8),
				"HmacSHA256");
		HttpClient client = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1)
			.connectTimeout(Duration.ofSeconds(5))
			.build();
		long start = System.nanoTime();
		long connected = start;
		for (int i = 1; System.nanoTime() - start < AT_MOST.plus(patience).toNanos(); i++) {
			String author = "first-timer-" + i;
			String body = template.replace("first-timer", author).replace("1347", String.valueOf(1000 + i));
			UUID delivery = UUID.randomUUID();
			String answer = null;
			for (int j = 0; j < urls.size() && answer == null; j++) {
				URI url = URI.create(urls.get((i + j) % urls.size()));
				answer = send(client, request(url, secret, delivery, body), delivery + " " + author);
			}
			print((answer != null) ? answer : "refused, no connection");
			if (answer != null) {
				connected = System.nanoTime();
			}
			else if (System.nanoTime() - connected >= patience.toNanos()) {
				return;
			}
			Thread.sleep((i < atOnce) ? 0 : pauseMillis);
		}
		print("refused nothing for " + AT_MOST.plus(patience).toSeconds() + " s");
	}

	/**
	 * Returns null if the connection is refused, so that nothing was sent.
	 */
	private static String send(HttpClient client, HttpRequest request, String name) throws Exception {
		try {
			int status = client.send(request, BodyHandlers.discarding()).statusCode();
			return (status == 202) ? "accepted " + name : "refused with status " + status;
		}
		catch (ConnectException ex) {
			return null;
		}
		catch (IOException ex) {
			return "refused, connection lost: " + ex.getMessage();
		}
	}

	private static HttpRequest request(URI url, SecretKeySpec secret, UUID delivery, String body) throws Exception {
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(secret);
		byte[] signature = mac.doFinal(body.getBytes(StandardCharsets.UTF_8));
		return HttpRequest.newBuilder(url)
			.timeout(Duration.ofSeconds(30))
			.header("Content-Type", "application/json")
			.header("User-Agent", "GitHub-Hookshot/demo")
			.header("X-GitHub-Event", "pull_request")
			.header("X-GitHub-Delivery", delivery.toString())
			.header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(signature))
			.POST(BodyPublishers.ofString(body))
			.build();
	}

	private static void print(String line) {
		System.out.println(line);
		System.out.flush();
	}

}
