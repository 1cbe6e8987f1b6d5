#!/usr/bin/env bash
# Adds to closing-classes.txt what applications on Tomcat, Jetty and Reactor Netty load from
# SIGTERM on, idle, and with a job that is waited for. What the file names already does not
# show up again, so it only grows. The heap is large enough for no garbage collection, which
# would load classes too. Usage: benchmarks/closing-classes.sh, with the JDK of JAVA_HOME.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -B -q package -pl process-tests -am -DskipTests
list=graceful-shutdown-autoconfigure/src/main/resources/io/github/gracefulshutdown/closing-classes.txt
directory=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$directory"' EXIT
for server in tomcat jetty netty; do
  for job in '' "/jobs?id=1&duration=8000"; do
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xms512m -Xmn400m -XX:MetaspaceSize=256m "-Xlog:class+load:file=$directory/classes:uptime" \
      -jar process-tests/target/graceful-shutdown-process-tests-*-SNAPSHOT.jar --journal="$directory/journal" \
      --graceful-shutdown.progress-interval=1s --spring.profiles.active="$server" >"$directory/output" &
    until grep -q 'Started ProcessTestApplication' "$directory/output"; do sleep 0.2; done
    port=$(sed -n 's/.*started on port \([0-9]*\).*/\1/p' "$directory/output")
    [ -z "$job" ] || curl -sS -o /dev/null -X POST "http://localhost:$port$job"
    sleep 5
    before=$(wc -l <"$directory/classes")
    kill -TERM $!
    wait $! || true
    tail -n +$((before + 1)) "$directory/classes" >>"$directory/closing"
  done
done
# Not what is generated, nor what belongs to the test application
awk '{ print $2 }' "$directory/closing" | grep -v -e '\$\$' -e '/0x' -e 'LambdaForm' -e 'jfr' \
  -e '^io\.github\.gracefulshutdown\.process\.' -e '^jdk\.internal\.' >"$directory/names" || true
touch "$list"
LC_ALL=C sort -u "$directory/names" "$list" -o "$list"
wc -l "$list"
