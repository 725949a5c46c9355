# Our own single-node cluster: Linux and root, no Docker.
# shellcheck shell=bash

own_start() {
  local program
  [ "$(uname -s)" = Linux ] ||
    die "no cluster: this is no Linux, and Docker with kind, k3d or minikube does not answer" \
      "start Docker and install kind, or name a cluster with --kubeconfig FILE"
  [ "$(id -u)" = 0 ] ||
    die "no cluster: the own test bed needs root, and Docker with kind, k3d or minikube does not answer" \
      "run it as root, start Docker and install kind, or name a cluster with --kubeconfig FILE"
  ensure_packages
  program=$(own_program)
  "$program" up -state "$state/node" -pause "$(own_pause "$program")" >&2
}

own_pause() { run_python -m testbed.images --cache "$cache/images" --pause "$(dirname "$1")/pause"; }

# own_program: the path of the built cluster program. Its folder is named by its sources, so that
# two checkouts that differ do not take each other's.
own_program() {
  local digest
  digest=$(digest_of "$repo/testbed/cluster" ! -name '*_test.go')
  if [ ! -x "$cache/cluster/$digest/testbed" ]; then
    ensure_go
    with_lock cluster build_cluster "$digest"
  fi
  printf '%s\n' "$cache/cluster/$digest/testbed"
}

# The flags are part of the key of Go's build cache: another -trimpath compiles 2500 packages again.
build_cluster() {
  local target=$cache/cluster/$1 began=$SECONDS version major minor pkg=k8s.io/component-base/version
  if [ -x "$target/testbed" ]; then return; fi
  version=$(sed -n 's#^\tk8s.io/kubernetes \(v[0-9.]*\)$#\1#p' "$repo/testbed/cluster/go.mod")
  IFS=. read -r major minor _ <<<"${version#v}"
  say "building Kubernetes $version (minutes the first time, seconds from Go's build cache)"
  rm -rf "$cache/cluster"
  mkdir -p "$target"
  export CGO_ENABLED=0
  cd "$repo/testbed/cluster"
  build_go "$target/pause" "-s -w" ./pause
  # Without its version the server says v0.0.0, and Helm and kubectl misjudge what it can do.
  build_go "$target/testbed" \
    "-s -w -X $pkg.gitVersion=$version -X $pkg.gitMajor=$major -X $pkg.gitMinor=$minor -X $pkg.gitTreeState=clean" .
  say "built in $((SECONDS - began)) s"
}

# build_go OUT LDFLAGS PACKAGE: shows every 15 s how far it is; the program appears whole or not at all.
build_go() {
  local out=$1 flags=$2 package=$3 log=$1.log pid waited=0
  go build -v -mod=readonly -buildvcs=false -trimpath -ldflags "$flags" -o "$out.part" "$package" >"$log" 2>&1 &
  pid=$!
  # shellcheck disable=SC2064
  trap "kill $pid 2>/dev/null || true" EXIT
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
    if [ $((waited % 15)) = 0 ]; then say "$waited s: $(wc -l <"$log") packages compiled"; fi
  done
  wait "$pid" || {
    tail -20 "$log" >&2
    die "go build failed" "it needs Go 1.24 or newer and a Go module proxy (go env GOPROXY)"
  }
  trap - EXIT
  mv "$out.part" "$out"
}

# node_program ARG...: the program that the running node keeps in its state.
node_program() { "$state/node/bin/testbed" "$@"; }

own_status() { [ -x "$state/node/bin/testbed" ] && node_program status -state "$state/node" >&2; }

own_stop() {
  if [ -x "$state/node/bin/testbed" ]; then node_program down -state "$state/node"; fi
  rm -rf "$state/node" # what is left of a start that never got so far as to copy its program
}

# node_exec -- COMMAND...
node_exec() {
  if [ "${1:-}" = -- ]; then shift; fi
  [ $# -gt 0 ] || usage_error "exec needs a command"
  need_own exec
  exec "$state/node/bin/testbed" exec -state "$state/node" -- "$@"
}

# node_registry [MODE]: prints the mode in force.
node_registry() {
  need_own registry
  node_program registry-mode -state "$state/node" "$@"
}

need_own() {
  read_cluster || die "no cluster is running" "run scripts/testbed up"
  [ "$kind" = own ] || die "$1 works in the own test bed only; this cluster is of kind '$kind'"
}
