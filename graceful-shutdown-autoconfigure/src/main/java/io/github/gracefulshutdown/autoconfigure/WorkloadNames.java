package io.github.gracefulshutdown.autoconfigure;

import java.util.HashMap;
import java.util.Map;

import io.github.gracefulshutdown.Workload;

import org.springframework.util.StringUtils;

/**
 * Checks the names of workloads at start-up. Reports and meters could not tell workloads
 * of the same name apart.
 *
 * @author The Graceful Shutdown authors
 */
final class WorkloadNames {

	private WorkloadNames() {
	}

	/**
	 * Check that each workload has a name of its own.
	 * @param workloads the workloads by the names of their beans
	 * @return the workloads
	 * @throws InvalidWorkloadNameException if two workloads have the same name, or one
	 * has none
	 */
	static Map<String, Workload> check(Map<String, Workload> workloads) {
		Map<String, String> beans = new HashMap<>();
		workloads.forEach((bean, workload) -> {
			String name = workload.getName();
			String description = "workload bean '%s' (%s)".formatted(bean, workload.getClass().getName());
			if (!StringUtils.hasText(name)) {
				throw new InvalidWorkloadNameException("The %s has no name.".formatted(description));
			}
			String other = beans.putIfAbsent(name, description);
			if (other != null) {
				throw new InvalidWorkloadNameException(
						"The %s and the %s have the same name '%s'.".formatted(other, description, name));
			}
		});
		return workloads;
	}

}
