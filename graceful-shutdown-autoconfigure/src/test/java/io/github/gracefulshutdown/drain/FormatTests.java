package io.github.gracefulshutdown.drain;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Format}.
 *
 * @author The Graceful Shutdown authors
 */
class FormatTests {

	@ParameterizedTest
	@CsvSource({ "1,requests,1 request", "2,requests,2 requests", "0,jobs,0 jobs", "1,batches,1 batch",
			"1,schedules,1 schedule", "1,queries,1 query", "1,quartz,1 quartz", "1,pushes,1 push",
			"1,processes,1 process", "1,mailboxes,1 mailbox", "1,access,1 access" })
	void oneIsSingular(long number, String workload, String expected) {
		assertThat(Format.number(number, workload)).isEqualTo(expected);
	}

}
