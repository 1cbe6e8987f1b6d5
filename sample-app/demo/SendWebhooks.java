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
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Sends web-hooks as GitHub does until the application refuses connections: the first ones
 * at once, then one every few milliseconds. Prints a line for each: {@code accepted
 * <delivery> <author>} or {@code refused <reason>}.
 */
public class SendWebhooks {

	private static final Duration AT_MOST = Duration.ofSeconds(60);

	public static void main(String[] args) throws Exception {
		URI url = URI.create(args[0]);
		String template = Files.readString(Path.of(args[1]));
		int atOnce = Integer.parseInt(args[2]);
		SecretKeySpec secret = new SecretKeySpec(System.getenv("BOT_WEBHOOK_SECRET").getBytes(StandardCharsets.UTF_8),
				"HmacSHA256");
		HttpClient client = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1)
			.connectTimeout(Duration.ofSeconds(5))
			.build();
		long start = System.nanoTime();
		for (int i = 1; System.nanoTime() - start < AT_MOST.toNanos(); i++) {
			String author = "first-timer-" + i;
			String body = template.replace("first-timer", author).replace("1347", String.valueOf(1000 + i));
			UUID delivery = UUID.randomUUID();
			try {
				int status = client.send(request(url, secret, delivery, body), BodyHandlers.discarding()).statusCode();
				print((status == 202) ? "accepted " + delivery + " " + author : "refused with status " + status);
			}
			catch (ConnectException ex) {
				print("refused, no connection");
				return;
			}
			catch (IOException ex) {
				print("refused, connection lost: " + ex.getMessage());
			}
			Thread.sleep((i < atOnce) ? 0 : 5);
		}
		print("refused nothing for " + AT_MOST.toSeconds() + " s");
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
