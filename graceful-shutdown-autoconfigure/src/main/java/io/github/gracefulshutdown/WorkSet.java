package io.github.gracefulshutdown;

import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

import org.springframework.util.CompositeIterator;

/**
 * The work in flight of one workload: a set for each counter of {@link InFlight}, so that
 * threads that do not meet there do not meet here. Thread-safe. What looks at all of it
 * is weakly consistent, and looks at the counters in their order.
 *
 * @param <W> the type of work
 * @author The Graceful Shutdown authors
 */
final class WorkSet<W extends Work> implements Iterable<W> {

	/**
	 * Large enough that the tables of two sets seldom share a cache line.
	 */
	private static final int CAPACITY = 64;

	private final List<Set<W>> sets;

	WorkSet(int counters) {
		this.sets = IntStream.range(0, counters)
			.<Set<W>>mapToObj((counter) -> ConcurrentHashMap.newKeySet(CAPACITY))
			.toList();
	}

	void add(W work) {
		this.sets.get(work.getCounter()).add(work);
	}

	void remove(Work work) {
		this.sets.get(work.getCounter()).remove(work);
	}

	long size() {
		long size = 0;
		for (Set<W> set : this.sets) {
			size += set.size();
		}
		return size;
	}

	boolean isEmpty() {
		for (Set<W> set : this.sets) {
			if (!set.isEmpty()) {
				return false;
			}
		}
		return true;
	}

	@Override
	public Iterator<W> iterator() {
		CompositeIterator<W> iterator = new CompositeIterator<>();
		for (Set<W> set : this.sets) {
			iterator.add(set.iterator());
		}
		return iterator;
	}

}
