#!/usr/bin/env bash
# Time from SIGTERM to the end of the process, of an idle application, with and without
# the starter in turn. Usage: benchmarks/idle-exit.sh [pairs, 11 by default]
# A garbage collection costs a good part of an idle exit, and whether one falls into it is
# chance, so the heap is large enough for none. JVM_OPTIONS= measures with the defaults.
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=${1:-11}
options=${JVM_OPTIONS--Xms512m -Xmn400m -XX:MetaspaceSize=256m}
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
mvn -q -DskipTests package -pl process-tests -am
jar=$(ls process-tests/target/graceful-shutdown-process-tests-*.jar | grep -v -e sources -e javadoc | head -n 1)
work=$(mktemp -d)
trap 'kill -KILL $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

# Prints the milliseconds from SIGTERM to exit of one run
run() {
  : >"$work/log"
  # shellcheck disable=SC2086
  "$java" $options -jar "$jar" --server.port=0 --journal="$work/journal" --graceful-shutdown.enabled="$1" >"$work/log" 2>&1 &
  local pid=$! waited=0
  until grep -q 'Started ProcessTestApplication' "$work/log"; do
    kill -0 $pid || { cat "$work/log" >&2; exit 1; }
    [ $((waited += 1)) -lt 600 ] || { echo 'not started in 60 s' >&2; exit 1; }
    sleep 0.1
  done
  sleep 1
  local begin; begin=$(date +%s%N)
  kill -TERM $pid
  wait $pid || true
  echo $((($(date +%s%N) - begin) / 1000000))
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for _ in $(seq "$pairs"); do
  run false | tee -a "$work/without" | sed 's/$/ ms without/'
  run true | tee -a "$work/with" | sed 's/$/ ms with/'
done
without=$(median <"$work/without") with=$(median <"$work/with")
echo "median of $pairs pairs: without $without ms, with $with ms, ratio $(awk "BEGIN { printf \"%.2f\", $with / $without }")"
echo "on $(uname -sm), $(nproc) processors, $("$java" -version 2>&1 | head -n 1), JVM options: ${options:-none}"
