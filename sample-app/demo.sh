#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: demo.sh [--without] [--virtual] [NUMBER]

Starts the sample bot and sends it web-hooks of merged pull requests. When it has accepted
NUMBER of them (default 40) it gets SIGTERM, while jobs are running and queued and further
web-hooks come in. Then compares what it has accepted with what has reached GitHub, for
which a stand-in runs beside the bot.

  --without   switch the graceful shutdown off, to see what is lost then
  --virtual   run the jobs and requests on virtual threads (needs JDK 21 or later)

Exit code 0 if nothing that was accepted is lost, 1 if something is (as with --without).
Needs a JDK (17 or later; JAVA_HOME, or java on the PATH) and Maven (3.8 or later).
USAGE
}

fail() {
  echo "$*" >&2
  exit 2
}

number=40
options=()
virtual=false
for argument in "$@"; do
  case $argument in
    --without) options+=(--graceful-shutdown.enabled=false) ;;
    --virtual)
      # All jobs run at once then: the calls take longer, so that there is something to wait for
      options+=(--spring.threads.virtual.enabled=true --bot.stand-in.latency=1s)
      virtual=true
      ;;
    -h | --help) usage && exit ;;
    *[!0-9]* | '' | 0*) usage >&2 && exit 2 ;;
    *) number=$argument ;;
  esac
done

sample=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java\.specification\.version = //p') ||
  fail "No Java: set JAVA_HOME, or put java on the PATH"
((${version%%.*} >= 17)) || fail "This is Java $version, and the sample needs 17 or later"
if $virtual; then
  ((version >= 21)) || fail "This is Java $version, and virtual threads need 21 or later: set JAVA_HOME"
fi

work=$(mktemp -d)
app='' sender=''
cleanup() {
  for process in $sender $app; do
    kill -KILL "$process" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# free_port FROM: a port below those that systems take for outgoing connections
free_port() {
  local port
  while port=$(($1 + RANDOM % 5000)) && (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# within SECONDS COMMAND: waits until the command succeeds
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

exited() {
  ! kill -0 "$1" 2>/dev/null
}

listening_or_exited() {
  (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || exited "$app"
}

echo "Building the sample"
if ! mvn -B -q -f "$sample/../pom.xml" -pl sample-app -am -DskipTests -Dmaven.javadoc.skip -Dmaven.source.skip \
  -Dcheckstyle.skip -Dspring-javaformat.validate.skip package >"$work/build" 2>&1; then
  cat "$work/build" >&2
  fail "The build has failed"
fi

port=$(free_port 20000)
journal=$work/journal
BOT_WEBHOOK_SECRET=$RANDOM$RANDOM$RANDOM BOT_GITHUB_TOKEN=not-needed-by-the-stand-in
export BOT_WEBHOOK_SECRET BOT_GITHUB_TOKEN
echo "Starting it on Java $version ${options[*]-}"
"$java" -jar "$sample/target/sample-app.jar" --server.port="$port" --bot.stand-in.port="$(free_port 25000)" \
  --bot.stand-in.journal="$journal" ${options[@]+"${options[@]}"} >"$work/log" 2>&1 &
app=$!
if ! within 60 listening_or_exited || exited "$app"; then
  tail -n 30 "$work/log" >&2
  fail "The sample has not started"
fi

mkfifo "$work/answers"
"$java" "$sample/demo/SendWebhooks.java" "http://localhost:$port/webhook" \
  "$sample/src/test/resources/payloads/closed-merged-first.json" "$number" >"$work/answers" &
sender=$!
accepted=0
while read -r -t 60 answer details; do
  if [[ $answer == accepted ]]; then
    echo "$details" >>"$work/accepted"
    if ((++accepted == number)); then
      echo "$number web-hooks accepted, $(grep -c POST "$journal" || true) of their jobs done: SIGTERM"
      kill -TERM "$app"
    fi
  else
    echo "After $accepted accepted web-hooks: $answer $details"
  fi
done <"$work/answers"
((accepted >= number)) || fail "Only $accepted web-hooks were accepted before SIGTERM"

within 45 exited "$app" || fail "The sample has not stopped 45 s after SIGTERM"
echo "The application's own report:"
grep -E 'Drain(Coordinator|Lifecycle)|GracefulShutdown' "$work/log" | sed 's/^/  /' || echo "  (none)"

# What is accepted is completed when both calls have succeeded: the invitation, which is
# known by the author's login, and the comment, which is known by the delivery
awk '
  FILENAME == ARGV[1] && $1 == "PUT" && $3 == 200 { sub(".*/", "", $2); invited[$2] = 1 }
  FILENAME == ARGV[1] && $1 == "POST" && $3 == 201 && match($0, /delivery: [0-9a-f-]+/) {
    commented[substr($0, RSTART + 10, RLENGTH - 10)] = 1
  }
  FILENAME == ARGV[2] && ($1 in commented) && ($2 in invited) { completed++ }
  FILENAME == ARGV[2] { accepted++ }
  END {
    printf "accepted %d, completed %d, lost %d\n", accepted, completed, accepted - completed
    exit accepted != completed
  }' "$journal" "$work/accepted"
