#!/usr/bin/env bash
# Calls jobs that do nothing: plain @Async, @BackgroundJob, @DurableJob in PostgreSQL and in
# SQLite, db-scheduler and JobRunr, in turn in one JVM. Writes that section of
# docs/benchmarks.md. Needs PostgreSQL, which it starts by itself with its defaults.
# Usage: benchmarks/durable-jobs.sh [rounds, 5 by default]
set -euo pipefail
cd "$(dirname "$0")/.."
[ -d /usr/lib/postgresql ] || { echo "PostgreSQL is not installed: apt-get install postgresql" >&2; exit 1; }
echo "on $(uname -sm), $(nproc) processors, $("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | head -n 1)"
mvn -B -q verify -Pbenchmarks -pl benchmarks -am -DskipTests -Dmaven.javadoc.skip -Dmaven.source.skip \
  -Dbenchmarks.main=durable.Throughput -Dbenchmarks.rounds="${1:-5}" 2>&1 | grep -aE 'caller|ERROR'
sed -n '/^## Durable jobs$/,/^## /p' docs/benchmarks.md | sed '1!{/^## /d}'
