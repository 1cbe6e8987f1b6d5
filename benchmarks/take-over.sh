#!/usr/bin/env bash
# Two processes share a store. One of them gets SIGKILL or SIGTERM, and the other one begins its
# jobs: @DurableJob in PostgreSQL and in SQLite, db-scheduler, JobRunr and Quartz. Writes that
# section of docs/benchmarks.md. Needs PostgreSQL, which it starts by itself with its defaults.
# Usage: benchmarks/take-over.sh [rounds, 20 by default; of the other libraries 3 at most]
set -euo pipefail
cd "$(dirname "$0")/.."
[ -d /usr/lib/postgresql ] || { echo "PostgreSQL is not installed: apt-get install postgresql" >&2; exit 1; }
echo "on $(uname -sm), $(nproc) processors, $("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | head -n 1)"
mvn -B -q verify -Pbenchmarks -pl benchmarks -am -DskipTests -Dmaven.javadoc.skip -Dmaven.source.skip \
  -Dbenchmarks.main=durable.TakeOver -Dbenchmarks.rounds="${1:-20}" 2>&1 | grep -aE 'Round|ERROR'
sed -n '/^## Take-over of durable jobs$/,/^## /p' docs/benchmarks.md | sed '1!{/^## /d}'
