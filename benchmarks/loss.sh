#!/usr/bin/env bash
# Counts the losses of plain Spring Boot and of the starter on SIGTERM: runs the process
# tests that count it, one after the other, with the executable jar and the defaults of the
# JVM. With JDK 21 or later, virtual threads are counted too.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn verify -pl process-tests -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
  -Dit.test='JobsTests,RequestsTests' -Dfailsafe.failIfNoSpecifiedTests=false \
  -Dapplication.options= -Djunit.jupiter.execution.parallel.enabled=false |
  grep -e 'measured:' -e 'Tests run:.*[0-9]$' -e 'BUILD'
echo "on $(uname -sm), $(nproc) processors, $("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | head -n 1)"
