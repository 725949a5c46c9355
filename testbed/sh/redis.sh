# A real Redis in a namespace, to be stopped and started at will.
# shellcheck shell=bash

redis_command() {
  local action=${1:-} namespace=${2:-}
  case $action in up | down | stop | start) ;; *) usage_error "redis: give up, down, stop or start" ;; esac
  [ -n "$namespace" ] || usage_error "redis $action needs a namespace"
  shift 2
  read_cluster || die "no cluster is running" "run scripts/testbed up"
  if [ "$action" = up ]; then
    redis_up "$namespace" "$@"
  else
    [ $# = 0 ] || usage_error "redis $action: unknown argument '$1'"
    "redis_$action" "$namespace"
  fi
}

redis_up() {
  local namespace=$1 password='' version
  shift
  case ${1:-} in
    '') ;;
    --password-file)
      [ $# = 2 ] || usage_error "--password-file needs one file"
      [ -r "$2" ] || die "cannot read $2"
      password=$(<"$2")
      ;;
    *) usage_error "redis up: unknown argument '$1'" ;;
  esac
  kube get namespace "$namespace" >/dev/null 2>&1 || kube create namespace "$namespace" >&2
  redis_secret "$password" | kube -n "$namespace" apply --server-side --force-conflicts -f - >&2
  # Redis reads its file at its start only: the pod is made anew when the Secret is another one.
  version=$(kube -n "$namespace" get secret redis -o 'jsonpath={.metadata.resourceVersion}')
  sed "s/@SECRET_VERSION@/$version/" "$repo/testbed/redis.yaml" |
    kube -n "$namespace" apply --server-side --force-conflicts -f - >&2
  redis_wait "$namespace"
}

# redis_secret PASSWORD: the Secret with Redis' configuration. The password goes through pipes and
# shell built-ins only, never into the arguments of a process.
redis_secret() {
  local password=$1 conf
  case $password in *$'\n'*) die "the password file has more than one line" ;; esac
  password=${password//\\/\\\\}
  password=${password//\"/\\\"}
  conf=$'protected-mode no\nsave ""\nappendonly no\ndir /data\n'
  if [ -n "$password" ]; then conf+="requirepass \"$password\""$'\n'; fi
  printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: redis}\ndata: {redis.conf: "%s"}\n' \
    "$(printf %s "$conf" | base64 | tr -d '\n')"
}

redis_wait() { kube -n "$1" rollout status deployment/redis --timeout=120s >&2; }

redis_down() {
  kube -n "$1" delete deployment/redis service/redis secret/redis --ignore-not-found --wait >&2
  redis_gone "$1"
}

redis_stop() {
  kube -n "$1" scale deployment/redis --replicas=0 >&2
  redis_gone "$1"
}

redis_gone() { kube -n "$1" wait --for=delete pod --selector=app=redis --timeout=120s >&2; }

redis_start() {
  kube -n "$1" scale deployment/redis --replicas=1 >&2
  redis_wait "$1"
}
