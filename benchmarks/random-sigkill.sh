#!/usr/bin/env bash
# Several processes do durable jobs in PostgreSQL, in MariaDB and in SQLite. Each signal is a
# SIGKILL, a SIGTERM or a SIGSTOP to one of them at a random moment. Accounts for every job that was
# accepted; on JDK 21 or later on virtual threads too. -Drandom.seed=... repeats a choice, and
# -Drandom.pause=40 calls a job every 40 ms instead of every 10: processes start faster then.
# Usage: benchmarks/random-sigkill.sh [signals, 200 by default] [options for Maven]
set -euo pipefail
cd "$(dirname "$0")/.."
mvn verify -pl durable-tests -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
  -Dit.test=RandomKillTests -Dfailsafe.failIfNoSpecifiedTests=false -Drandom.kills="${1:-200}" "${@:2}"
