package io.github.gracefulshutdown.intake;

/**
 * A source of work that has stopped when the test says so. Its name says that it is one.
 *
 * @author The Graceful Shutdown authors
 */
class TestListenerContainer extends TestLifecycle {

	TestListenerContainer(int phase) {
		super(phase);
	}

}
