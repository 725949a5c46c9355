# Which cluster: choosing, starting, remembering, stopping. $state/cluster remembers the choice in
# three lines: its kind (own, kind, k3d, minikube, foreign), its kubeconfig, the cache in use.
# shellcheck shell=bash

kind='' kubeconfig=''

# read_cluster: sets kind and kubeconfig from the state folder; fails if there is none.
read_cluster() {
  [ -f "$state/cluster" ] || return 1
  { IFS= read -r kind && IFS= read -r kubeconfig; } <"$state/cluster"
}

cluster_up() {
  local wanted=${TYK_UPGRADE_TEST_KUBECONFIG:-}
  while [ $# -gt 0 ]; do
    case $1 in
      --kubeconfig) [ $# -ge 2 ] || usage_error "--kubeconfig needs a file"; wanted=$2; shift 2 ;;
      --kubeconfig=*) wanted=${1#*=}; shift ;;
      *) usage_error "up: unknown argument '$1'" ;;
    esac
  done
  with_lock "$(state_lock)" start_cluster "$wanted"
}

start_cluster() {
  mkdir -p "$state"
  choose_cluster "$1"
  case $kind in
    foreign) say "using the cluster of $kubeconfig" ;;
    *) "${kind}_start" ;;
  esac
  printf '%s\n' "$kind" "$kubeconfig" "$cache" >"$state/cluster"
  if [ "$kind" = foreign ]; then
    say "its images are yours to load: testbed/README.md lists them"
  else
    load_images
  fi
  printf 'export KUBECONFIG=%q\n' "$kubeconfig"
}

# choose_cluster WANTED: a kubeconfig that was named, else the cluster that was used before, else
# Docker, else our own.
choose_cluster() {
  local wanted=$1
  if [ -n "$wanted" ] && ! { read_cluster && [ "$wanted" = "$kubeconfig" ]; }; then
    [ -f "$wanted" ] || die "there is no kubeconfig $wanted"
    answers "$wanted" ||
      die "the cluster of $wanted does not answer" "start it, or leave --kubeconfig and TYK_UPGRADE_TEST_KUBECONFIG out"
    case $wanted in /*) ;; *) wanted=$PWD/$wanted ;; esac
    refuse_to_forget "$wanted"
    kind=foreign kubeconfig=$wanted
  elif read_cluster; then
    if [ "$kind" = foreign ] && ! answers "$kubeconfig"; then
      die "the cluster of $kubeconfig does not answer" "start it, or run scripts/testbed down to forget it"
    fi
  elif kind=$(docker_kind); then
    kubeconfig=$state/kubeconfig
  else
    kind=own kubeconfig=$state/node/kubeconfig
  fi
}

# A cluster of ours that this folder remembers would be left running with nobody to stop it.
refuse_to_forget() {
  if read_cluster && [ "$kind" != foreign ]; then
    die "a cluster of kind '$kind' is running here, so $1 is not used" "run scripts/testbed down first"
  fi
}

cluster_status() {
  if ! read_cluster; then
    say "not running"
    exit 3
  fi
  case $kind in
    own) own_status || exit 3 ;;
    *) answers "$kubeconfig" || { say "the cluster of kind '$kind' does not answer"; exit 3; } ;;
  esac
  printf 'running: %s\n' "$kind"
  printf 'export KUBECONFIG=%q\n' "$kubeconfig"
}

cluster_down() {
  case ${1:-} in
    '') with_lock "$(state_lock)" stop_cluster ;;
    --cache)
      with_lock "$(state_lock)" stop_cluster
      remove_cache
      ;;
    *) usage_error "down: unknown argument '$1'" ;;
  esac
}

stop_cluster() {
  read_cluster || kind=own kubeconfig=$state/node/kubeconfig # a start that failed half way
  case $kind in
    foreign) say "the cluster of $kubeconfig is left as it is" ;;
    *) "${kind}_stop" ;;
  esac
  rm -f "$state/cluster" "$state/loaded" "$state/kubeconfig"
  rmdir "$state" 2>/dev/null || true # stays if somebody else's file is in it
}

# Only the folders that are made here: TYK_UPGRADE_CACHE may name a folder that holds other things.
remove_cache() {
  local name
  for name in clients cluster gateway go images locks; do
    if [ -d "$cache/$name" ]; then chmod -R u+w "$cache/$name" && rm -rf "${cache:?}/$name"; fi
  done
  rmdir "$cache" 2>/dev/null || true
}

# cluster_load IMAGE.tar...
cluster_load() {
  local archive
  read_cluster || die "no cluster is running" "run scripts/testbed up"
  for archive in "$@"; do [ -f "$archive" ] || die "there is no image archive $archive"; done
  load_archives "$@"
}
