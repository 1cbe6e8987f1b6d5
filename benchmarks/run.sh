#!/usr/bin/env bash
# Measures plain Spring Boot and the starter in turn, and writes docs/benchmarks.md. Needs
# haproxy and nginx. Usage: benchmarks/run.sh [repetitions, 3 by default] [one of
# keepAliveLoss, backlogLoss, rollingRestart, exitLatency, stuckExit, costPerRequest; all by
# default]
# A garbage collection costs a good part of an idle exit, and whether one falls into it is
# chance, so the heap is large enough for none. JVM_OPTIONS= measures with the defaults.
set -euo pipefail
cd "$(dirname "$0")/.."
for program in haproxy nginx; do
  PATH=$PATH:/usr/sbin command -v $program >/dev/null || { echo "$program is not installed" >&2; exit 1; }
done
mvn verify -pl process-tests -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
  -Dit.test="Benchmarks${2:+#$2}" -Dfailsafe.failIfNoSpecifiedTests=false \
  -Dbenchmarks.repetitions="${1:-3}" -Dapplication.options="${JVM_OPTIONS--Xms512m -Xmn400m -XX:MetaspaceSize=256m}" |
  grep -v -e '^\[INFO\] *$' -e ' INFO '
cat docs/benchmarks.md
