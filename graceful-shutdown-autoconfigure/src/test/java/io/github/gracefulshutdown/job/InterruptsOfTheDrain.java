package io.github.gracefulshutdown.job;

import java.util.concurrent.atomic.AtomicInteger;

import io.github.gracefulshutdown.DrainCompletedEvent;

import org.springframework.context.event.EventListener;

/**
 * Counts the interrupts at the gate before the application context closes, which may
 * interrupt too.
 *
 * @author The Graceful Shutdown authors
 */
public class InterruptsOfTheDrain {

	private final AtomicInteger number = new AtomicInteger(-1);

	private final Gate gate;

	public InterruptsOfTheDrain(Gate gate) {
		this.gate = gate;
	}

	@EventListener(DrainCompletedEvent.class)
	void count() {
		this.number.set(this.gate.getInterrupts());
	}

	/**
	 * Return the number of interrupts.
	 * @return the number, {@code -1} until the drain is completed
	 */
	public int getNumber() {
		return this.number.get();
	}

}
