# Folders, messages, locks and the table of commands. Sourced by scripts/testbed.
# shellcheck shell=bash

# The cache that the cluster was made with, before the caller's HOME: tests take HOME away from their
# children, and these still need the cluster's kubectl.
cache_folder() {
  local folder=${TYK_UPGRADE_CACHE:-}
  if [ -z "$folder" ] && [ -f "$state/cluster" ]; then folder=$(sed -n 3p "$state/cluster"); fi
  if [ -z "$folder" ]; then folder=${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/tyk-upgrade-dev; fi
  case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
  printf '%s\n' "$folder"
}

cluster_name=tyk-upgrade-test
state=${TYK_UPGRADE_TESTBED_STATE:-$repo/.testbed}
case $state in /*) ;; *) state=$PWD/$state ;; esac
cache=$(cache_folder)

usage() {
  cat >&2 <<'TEXT'
usage: scripts/testbed COMMAND
  up [--kubeconfig FILE]       a cluster that is ready, with the images; last line: export KUBECONFIG=...
  down [--cache]               stop it and remove what it left; --cache: and what was built or downloaded
  status                       what runs; exit code 0 running, 3 not
  load IMAGE.tar...            put image archives into the cluster
  helm VERSION                 path of that Helm (linux/amd64), downloaded once
  kubectl                      path of a kubectl of the cluster's minor version
  exec -- COMMAND [ARG...]     run a command inside the node (own cluster only)
  registry [MODE]              tell or set how the registry behaves: ok, slow (10 s an answer), down, or an
                               HTTP status such as 429 for every answer (own cluster only)
  redis up NAMESPACE [--password-file FILE] | down NAMESPACE | stop NAMESPACE | start NAMESPACE
environment
  TYK_UPGRADE_TEST_KUBECONFIG  a cluster of yours to use, as --kubeconfig
  TYK_UPGRADE_TEST_GATEWAY     VERSION=PATH,...: real gateway programs for these versions
  TYK_UPGRADE_TESTBED_STATE    state folder (default: .testbed of this checkout)
  TYK_UPGRADE_CACHE            builds and downloads (default: tyk-upgrade-dev in the user's cache folder)
TEXT
}

say() { printf 'testbed: %s\n' "$*" >&2; }

# die WHAT [WHAT TO DO]
die() {
  say "$1"
  if [ $# -gt 1 ]; then say "  $2"; fi
  exit 1
}

usage_error() {
  say "$1"
  usage
  exit 2
}

main() {
  local command=${1:-}
  if [ $# -gt 0 ]; then shift; fi
  case $command in
    up) cluster_up "$@" ;;
    down) cluster_down "$@" ;;
    status) [ $# = 0 ] || usage_error "status takes no arguments"; cluster_status ;;
    load) [ $# -gt 0 ] || usage_error "load needs an image archive"; cluster_load "$@" ;;
    exec) node_exec "$@" ;;
    registry) [ $# -le 1 ] || usage_error "registry takes one mode"; node_registry "$@" ;;
    helm) [ $# = 1 ] || usage_error "helm needs one version, such as 3.19.0"; helm_program "$1" ;;
    kubectl) [ $# = 0 ] || usage_error "kubectl takes no arguments"; kubectl_program ;;
    redis) redis_command "$@" ;;
    -h | --help | help) usage ;;
    *) usage_error "unknown command '$command'" ;;
  esac
}

# with_lock NAME COMMAND...: one at a time over all checkouts that share the cache. The lock lives in
# the cache, because a lock file that is removed while somebody waits for it locks nothing. The command
# gets the lock's descriptor closed, so that a cluster that it leaves running does not hold the lock.
with_lock() {
  local name=$1
  shift
  mkdir -p "$cache/locks"
  command -v flock >/dev/null || die "flock is not in PATH" "install util-linux (Debian) or flock (Homebrew)"
  (
    flock 9
    "$@" 9>&-
  ) 9>"$cache/locks/$name"
}

# digest_of FOLDER [find's conditions...]: 16 digits for the names and bytes of its files.
digest_of() {
  local folder=$1
  shift
  (cd "$folder" && find . -type f "$@" -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-16
}

state_lock() { printf 'state-%s' "$(printf %s "$state" | sha256sum | cut -c1-16)"; }
