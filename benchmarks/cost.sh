#!/usr/bin/env bash
# Measures the cost of tracking one piece of work, and writes that section of
# docs/benchmarks.md. Usage: benchmarks/cost.sh [forks, 3 by default] [measured iterations of
# one second in each, 10 by default] [units in flight, a million by default]
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -B -q verify -Pbenchmarks -pl benchmarks -am -DskipTests -Dmaven.javadoc.skip -Dmaven.source.skip \
  -Dbenchmarks.forks="${1:-3}" -Dbenchmarks.iterations="${2:-10}" -Dbenchmarks.units="${3:-1000000}"
sed -n '/^## Cost of tracking/,$p' docs/benchmarks.md
