package io.github.gracefulshutdown;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the README and the other pages, and for the language of all comments.
 *
 * @author The Graceful Shutdown authors
 */
class DocumentationTests {

	private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

	private static final Pattern LINK = Pattern.compile("(?:\\]\\(|src=\"|srcset=\")([^)\"\\s]+)");

	private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

	/**
	 * Literals too, because a string may hold the beginning of a comment.
	 */
	private static final Pattern LITERAL_OR_COMMENT = Pattern
		.compile("(?s)\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*'|/\\*.*?\\*/|(?://[^\n]*\n\\s*)+");

	private static final Pattern END_OF_SENTENCE = Pattern.compile("\n\\s*\n|(?<=[.!?])\\s+");

	private static final Pattern WHAT = Pattern.compile("\\b[Ww]hat\\b");

	@Test
	void linksLeadToFilesAndHeadings() {
		assertThat(files(".md").flatMap(DocumentationTests::brokenLinks)).isEmpty();
	}

	@Test
	void pagesAreWrittenInPlainEnglish() {
		assertThatFewSentencesHaveAWhatClause(".md", DocumentationTests::sentencesOfPage);
		assertThat(files(".md").flatMap(DocumentationTests::sentencesOfPage))
			.filteredOn((sentence) -> sentence.startsWith("What "))
			.isEmpty();
	}

	@Test
	void commentsAreWrittenInPlainEnglish() {
		assertThatFewSentencesHaveAWhatClause(".java", DocumentationTests::sentencesOfComments);
	}

	private static Stream<String> brokenLinks(Path page) {
		return LINK.matcher(readPage(page))
			.results()
			.map((link) -> link.group(1))
			.filter((link) -> !link.startsWith("https://") && !leadsSomewhere(page, link))
			.map((link) -> PROJECT.relativize(page) + ": " + link);
	}

	private static boolean leadsSomewhere(Path page, String link) {
		String[] parts = link.split("#");
		Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
		return Files.exists(target) && (parts.length == 1 || anchors(target).anyMatch(parts[1]::equals));
	}

	private static Stream<String> anchors(Path page) {
		return HEADING.matcher(readPage(page))
			.results()
			.map((heading) -> heading.group(1).toLowerCase(Locale.ROOT))
			.map((heading) -> heading.replaceAll("[^a-z0-9_ -]", "").replace(' ', '-'));
	}

	private static void assertThatFewSentencesHaveAWhatClause(String extension,
			Function<Path, Stream<String>> sentences) {
		List<String> all = new ArrayList<>();
		List<String> found = new ArrayList<>();
		files(extension).forEach((file) -> sentences.apply(file).forEach((sentence) -> {
			all.add(sentence);
			if (WHAT.matcher(sentence).find()) {
				found.add(PROJECT.relativize(file) + ": " + sentence);
			}
		}));
		assertThat(100.0 * found.size() / all.size())
			.as("percentage of sentences with a what clause (%d of %d):%n%s", found.size(), all.size(),
					String.join(System.lineSeparator(), found))
			.isLessThanOrEqualTo(3);
	}

	private static Stream<String> sentencesOfPage(Path page) {
		return sentences(readPage(page).replaceAll("<[^>]*>", "").replaceAll("(?m)^#+ |^\\s*- |^\\d+\\. |\\|", "\n\n"));
	}

	private static Stream<String> sentencesOfComments(Path file) {
		return LITERAL_OR_COMMENT.matcher(read(file))
			.results()
			.map(MatchResult::group)
			.filter((match) -> match.startsWith("/"))
			.flatMap((comment) -> sentences(comment.replaceAll("\\*+/", "")
				.replaceAll("(?m)^\\s*(/\\*+|\\*|//)", "")
				.replaceAll("(?s)<pre.*?</pre>", "")
				.replaceAll("(?m)^\\s*@author.*$", "")
				.replaceAll("(?m)^\\s*@|</?[a-z]+>", "\n\n")));
	}

	private static Stream<String> sentences(String text) {
		return END_OF_SENTENCE.splitAsStream(text)
			.map((sentence) -> sentence.replaceAll("\\s+", " ").trim())
			.filter((sentence) -> sentence.split(" ").length > 2);
	}

	private static String readPage(Path page) {
		return read(page).replaceAll("(?ms)^```.*?^```$", "");
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Stream<Path> files(String extension) {
		try (Stream<Path> files = Files.walk(PROJECT)) {
			return files.filter((file) -> file.toString().endsWith(extension))
				.filter((file) -> !PROJECT.relativize(file).toString().contains("target/"))
				.sorted()
				.toList()
				.stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
