#!/usr/bin/env bash
# Accepts jobs, sends SIGTERM at a random moment, and accounts for every job that was
# accepted; on JDK 21 or later on virtual threads too. Half of the runs have less time than
# the jobs need. Usage: benchmarks/random-sigterm.sh [runs, 200 by default]
set -euo pipefail
cd "$(dirname "$0")/.."
mvn verify -pl process-tests -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
  -Dit.test=RandomMomentTests -Dfailsafe.failIfNoSpecifiedTests=false -Drandom.runs="${1:-200}"
