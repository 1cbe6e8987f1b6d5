#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: demo.sh [--durable | --two] [--without] [--virtual] [NUMBER]

Starts the sample bot and sends it web-hooks of merged pull requests. When it has accepted
NUMBER of them (default 40) it gets SIGTERM, while jobs are running and queued and further
web-hooks come in. Then compares what it has accepted with what has reached GitHub, for
which a stand-in runs beside the bot.

  --durable   durable jobs: the bot gets SIGKILL instead, and is started again at once
  --two       durable jobs: two bots with one PostgreSQL are restarted in turn
  --without   switch the graceful shutdown and durable jobs off, to see what is lost then
  --virtual   run the jobs and requests on virtual threads (needs JDK 21 or later)

Exit code 0 if nothing that was accepted is lost, 1 if something is (as with --without), 2 if
the demo cannot run. Needs a JDK (17 or later; JAVA_HOME, or java on the PATH), Maven (3.8 or
later), and for --two PostgreSQL (on the PATH, or the package of Debian).
USAGE
}

fail() {
  echo "$*" >&2
  exit 2
}

number=40
demo=default
jvm=()
options=()
without=false
virtual=false
for argument in "$@"; do
  case $argument in
    --durable | --two)
      [[ $demo == default ]] || { usage >&2 && exit 2; }
      demo=${argument#--}
      ;;
    --without) without=true ;;
    --virtual) virtual=true ;;
    -h | --help) usage && exit ;;
    *[!0-9]* | '' | 0*) usage >&2 && exit 2 ;;
    *) number=$argument ;;
  esac
done
if [[ $demo != default ]]; then
  # Several processes that live for seconds: that is half of their processor time
  jvm=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC)
fi
if $without; then
  options+=(--graceful-shutdown.enabled=false)
elif [[ $demo != default ]]; then
  # More than one, so that several jobs are running when they are cut
  options+=(--spring.profiles.active=durable --graceful-shutdown.durable.threads=4)
fi
if $virtual; then
  options+=(--spring.threads.virtual.enabled=true)
  # All jobs run at once then: the calls take longer, so that there is something to wait for
  [[ $demo != default ]] || options+=(--bot.stand-in.latency=1s)
fi

sample=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java\.specification\.version = //p') ||
  fail "No Java: set JAVA_HOME, or put java on the PATH"
((${version%%.*} >= 17)) || fail "This is Java $version, and the sample needs 17 or later"
if $virtual; then
  ((version >= 21)) || fail "This is Java $version, and virtual threads need 21 or later: set JAVA_HOME"
fi
if [[ $demo == two ]]; then
  programs=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)
  PATH=$PATH${programs:+:$programs}
  command -v initdb >/dev/null || fail "PostgreSQL is not installed (Debian: apt-get install postgresql)"
fi

work=$(mktemp -d)
journal=$work/journal
answers=$work/answers
database=''
cleanup() {
  for process in $(jobs -pr); do
    kill -KILL "$process" 2>/dev/null || true
    # Not for its result: otherwise bash reports the death
    wait "$process" 2>/dev/null || true
  done
  if [[ $database ]]; then
    postgresql pg_ctl -D "$database/data" -m immediate stop || true
  fi
  rm -rf "$work" "$database"
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

# listening_or_exited PORT PROCESS
listening_or_exited() {
  (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || exited "$2"
}

# start NAME OPTION...: starts the sample, whose process is $started then
start() {
  local name=$1
  shift
  "$java" ${jvm[@]+"${jvm[@]}"} -jar "$sample/target/sample-app.jar" --bot.stand-in.port="$github" --bot.stand-in.journal="$journal" \
    "$@" >>"$work/$name.log" 2>&1 &
  started=$!
}

# start_bot NAME PORT
start_bot() {
  start "$1" --server.port="$2" ${options[@]+"${options[@]}"}
}

# await_start NAME PORT PROCESS
await_start() {
  if ! within 120 listening_or_exited "$2" "$3" || exited "$3"; then
    tail -n 30 "$work/$1.log" >&2
    fail "The sample has not started"
  fi
}

# stop NAME PROCESS
stop() {
  kill -TERM "$2"
  within 45 exited "$2" || fail "The sample has not stopped 45 s after SIGTERM"
}

# send FILE PAUSE PATIENCE URL...: sends web-hooks, and writes their answers to the file
send() {
  local file=$1
  shift
  "$java" "$sample/demo/SendWebhooks.java" "$sample/src/test/resources/payloads/closed-merged-first.json" \
    "$number" "$@" >"$file" &
  sender=$!
}

stop_sending() {
  kill "$sender"
  echo "$(grep -c ^accepted "$answers") web-hooks accepted, $(grep -c ^refused "$answers" || true) refused"
}

jobs_done() {
  grep -c POST "$journal" || true
}

# report NAME PATTERN
report() {
  grep -E "$2" "$work/$1.log" | sed 's/^/  /' || echo "  (none)"
}

# What is accepted is completed when both calls have succeeded: the invitation, which is
# known by the author's login, and the comment, which is known by the delivery. A durable
# job looks for the comments when it begins
outcome() {
  awk -v durable="$([[ $demo == default ]] || echo 1)" '
    FILENAME == ARGV[1] && $1 == "PUT" && $3 == 200 { sub(".*/", "", $2); invited[$2] = 1 }
    FILENAME == ARGV[1] && $1 == "POST" && $3 == 201 && match($0, /delivery: [0-9a-f-]+/) {
      if (commented[substr($0, RSTART + 10, RLENGTH - 10)]++) twice++
    }
    FILENAME == ARGV[1] && $1 == "GET" && looked[$2]++ { again++ }
    FILENAME == ARGV[2] && $1 == "accepted" && ($2 in commented) && ($3 in invited) { completed++ }
    FILENAME == ARGV[2] && $1 == "accepted" { accepted++ }
    END {
      printf "accepted %d, completed %d, lost %d\n", accepted, completed, accepted - completed
      if (durable) printf "begun again %d, done twice %d\n", again, twice
      exit accepted != completed
    }' "$journal" "$answers"
}

# Waits until all is completed, or until nothing has happened for 10 s
await_outcome() {
  local size=-1 since=$SECONDS
  until outcome >/dev/null || ((SECONDS - since > 10)); do
    if (($(wc -c <"$journal") != size)); then
      size=$(wc -c <"$journal") since=$SECONDS
    fi
    sleep 0.2
  done
}

has_accepted() {
  (($(grep -c ^accepted "$answers") >= $1))
}

# await_accepted NUMBER
await_accepted() {
  within 60 has_accepted "$1" || fail "Fewer than $1 web-hooks were accepted"
}

# postgresql COMMAND...: PostgreSQL refuses to run as root
postgresql() {
  local user=()
  ((EUID != 0)) || user=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  (cd / && ${user[@]+"${user[@]}"} "$@") >>"$work/postgresql" 2>&1
}

start_postgresql() {
  local port=$1
  database=$(mktemp -d)
  ((EUID != 0)) || chown postgres "$database"
  if ! postgresql initdb -D "$database/data" -U bot -A trust --no-sync --no-locale -E UTF8 ||
    ! postgresql pg_ctl -D "$database/data" -l "$database/log" -w -o "-p $port -h 127.0.0.1 -k $database" start; then
    cat "$work/postgresql" >&2
    fail "PostgreSQL has not started"
  fi
  options+=(--bot.database.url="jdbc:postgresql://127.0.0.1:$port/postgres?user=bot")
}

# The bot finishes its jobs when it gets SIGTERM
demo_default() {
  local port answer details accepted=0
  port=$(free_port 20000)
  start_bot bot "$port"
  await_start bot "$port" "$started"
  mkfifo "$work/sent"
  send "$work/sent" 5 0 "http://localhost:$port/webhook"
  while read -r -t 60 answer details; do
    echo "$answer $details" >>"$answers"
    if [[ $answer == accepted ]]; then
      if ((++accepted == number)); then
        echo "$number web-hooks accepted, $(jobs_done) of their jobs done: SIGTERM"
        kill -TERM "$started"
      fi
    else
      echo "After $accepted accepted web-hooks: $answer $details"
    fi
  done <"$work/sent"
  ((accepted >= number)) || fail "Only $accepted web-hooks were accepted before SIGTERM"
  within 45 exited "$started" || fail "The sample has not stopped 45 s after SIGTERM"
  echo "The application's own report:"
  report bot 'Drain(Coordinator|Lifecycle)|GracefulShutdown'
}

# In a process of its own, because GitHub is not restarted with the bot
start_stand_in() {
  start stand-in --spring.main.web-application-type=none
  await_start stand-in "$github" "$started"
  options+=(--bot.stand-in.enabled=false)
}

# The next start does the jobs that SIGKILL has cut, and those that were queued
demo_durable() {
  local port
  port=$(free_port 20000)
  options+=(--graceful-shutdown.durable.file="$work/jobs.db")
  start_bot bot "$port"
  await_start bot "$port" "$started"
  send "$answers" 100 240 "http://localhost:$port/webhook"
  await_accepted "$number"
  kill -KILL "$started"
  wait "$started" 2>/dev/null || true
  echo "$(grep -c ^accepted "$answers") web-hooks accepted, $(jobs_done) of their jobs done: SIGKILL"
  start_bot bot "$port"
  await_accepted $((number + number / 2))
  stop_sending
  await_outcome
  stop bot "$started"
  echo "The second start's own report:"
  report bot 'of its durable jobs|Drained after'
}

# The other bot does the jobs that the one which is restarted has left
demo_two() {
  local ports bots bot accepted
  start_postgresql "$(free_port 15000)"
  ports=("$(free_port 20000)" "$(free_port 30000)")
  for bot in 0 1; do
    start_bot bot$bot "${ports[bot]}"
    bots[bot]=$started
  done
  for bot in 0 1; do
    await_start bot$bot "${ports[bot]}" "${bots[bot]}"
  done
  send "$answers" 100 240 "http://localhost:${ports[0]}/webhook" "http://localhost:${ports[1]}/webhook"
  await_accepted "$number"
  for bot in 0 1; do
    accepted=$(grep -c ^accepted "$answers")
    echo "$accepted web-hooks accepted, $(jobs_done) of their jobs done: SIGTERM for bot $((bot + 1))"
    stop bot$bot "${bots[bot]}"
    start_bot bot$bot "${ports[bot]}"
    bots[bot]=$started
    await_start bot$bot "${ports[bot]}" "$started"
  done
  await_accepted $((accepted + number / 2))
  stop_sending
  await_outcome
  for bot in 0 1; do
    stop bot$bot "${bots[bot]}"
    echo "Reports of bot $((bot + 1)):"
    report bot$bot 'of its durable jobs|Drained after'
  done
}

echo "Building the sample"
if ! mvn -B -q -f "$sample/../pom.xml" -pl sample-app -am -DskipTests -Dmaven.javadoc.skip -Dmaven.source.skip \
  -Dcheckstyle.skip -Dspring-javaformat.validate.skip package >"$work/build" 2>&1; then
  cat "$work/build" >&2
  fail "The build has failed"
fi

BOT_WEBHOOK_SECRET=$RANDOM$RANDOM$RANDOM BOT_GITHUB_TOKEN=not-needed-by-the-stand-in
export BOT_WEBHOOK_SECRET BOT_GITHUB_TOKEN
github=$(free_port 25000)
touch "$journal" "$answers"
echo "Starting it on Java $version ${options[*]-}"
[[ $demo == default ]] || start_stand_in
"demo_$demo"
outcome
