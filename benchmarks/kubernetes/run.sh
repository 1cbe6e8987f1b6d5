#!/usr/bin/env bash
# Rolling restarts of two pods under load, on the cluster that kubectl is set up for. Counts
# the requests that fail, with plain Spring Boot and with the starter. The load goes to the
# address of the Service, and from a second pod to PROXY="host port", such as an ingress, if
# that is set. The image has a JDK, 17 or later, and the application of process-tests:
#   FROM eclipse-temurin:17
#   COPY process-tests/target/*.jar /app.jar
#   ENTRYPOINT ["java", "-jar", "/app.jar"]
# Usage: benchmarks/kubernetes/run.sh image [cycles, 3 by default] [variants, all by default]
set -euo pipefail
cd "$(dirname "$0")"
image=${1:?"usage: $0 image [cycles] [variant...]"}
cycles=${2:-3}
variants=("${@:3}")
[ ${#variants[@]} -gt 0 ] || variants=(plain plain-prestop starter-0s starter-prestop starter-5s)
logs=${LOGS:-$(mktemp -d)}
mkdir -p "$logs"
echo "Logs in $logs"

deploy() { # enabled, grace period, delay, lifecycle
  sed "s|\$IMAGE|$image|; s|\$ENABLED|$1|; s|\$GRACE|$2|; s|\$DELAY|$3|; s|\$LIFECYCLE|$4|" application.yaml |
    kubectl apply -f - >/dev/null
}

variant() {
  local sleep='{ preStop: { exec: { command: [ sleep, "5" ] } } }'
  case $1 in
    plain) deploy false 45s 0s '{}' ;;
    plain-prestop) deploy false 45s 0s "$sleep" ;;
    starter-prestop) deploy true 40s 0s "$sleep" ;;
    starter-*) deploy true 45s "${1#starter-}" '{}' ;;
    *) echo "No variant $1" >&2; exit 1 ;;
  esac
}

pods() { kubectl get pods -l app=app -o jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}'; }

await_rollout() { # until the old pods are gone
  kubectl rollout status deployment/app --timeout=10m >/dev/null
  while [ "$(pods | wc -l)" -gt 2 ]; do sleep 0.5; done
}

load() { # name, host, port
  kubectl run "$1" --image="$image" --restart=Never --overrides='{ "spec": { "terminationGracePeriodSeconds": 1,
    "volumes": [ { "name": "load", "configMap": { "name": "load" } } ],
    "containers": [ { "name": "load", "image": "'"$image"'", "imagePullPolicy": "IfNotPresent",
      "command": [ "java", "/load/Load.java", "'"$2"'", "'"$3"'" ],
      "volumeMounts": [ { "name": "load", "mountPath": "/load" } ] } ] } }' >/dev/null
  until kubectl logs "$1" 2>/dev/null | grep -q '^[1-9]'; do sleep 1; done
}

totals() { kubectl logs --tail=100 "$1" | grep -v FAILED | tail -1; }

clean_up() {
  kill $(jobs -p) 2>/dev/null || true
  kubectl delete pod/load pod/load-proxy deployment/app --ignore-not-found --wait=false >/dev/null
}

trap clean_up EXIT
kubectl create configmap load --from-file=Load.java --dry-run=client -o yaml | kubectl apply -f - >/dev/null
variant "${variants[0]}"
await_rollout
load load $(kubectl get service app -o jsonpath='{.spec.clusterIP} {.spec.ports[0].port}')
loads=(load)
[ -z "${PROXY:-}" ] || { load load-proxy $PROXY; loads+=(load-proxy); }

for variant in "${variants[@]}"; do
  variant "$variant"
  await_rollout
  sleep 6
  for cycle in $(seq "$cycles"); do
    log=$logs/$variant-$cycle
    declare -A before=()
    for load in "${loads[@]}"; do before[$load]=$(totals "$load"); done
    kubectl get pods -l app=app -w \
      -o jsonpath='{.metadata.name} {.status.containerStatuses[0].state.terminated.exitCode}{"\n"}' >"$log.exits" &
    watch=$!
    for pod in $(pods); do kubectl logs -f "$pod" >"$log-$pod.log" & done
    kubectl rollout restart deployment/app >/dev/null
    await_rollout
    sleep 6 # a connection that nobody answers fails after 5 s
    kill $watch
    for load in "${loads[@]}"; do
      read -r ok_before failed_before <<<"${before[$load]}"
      read -r ok failed <<<"$(totals "$load")"
      echo "$variant, cycle $cycle, $load: $((ok - ok_before)) answered, $((failed - failed_before)) failed;" \
        "exit codes $(awk 'NF > 1' "$log.exits" | sort -u | awk '{ printf "%s ", $2 }')"
    done
  done
done
for load in "${loads[@]}"; do kubectl logs "$load" | grep FAILED >"$logs/$load.failed" || true; done
