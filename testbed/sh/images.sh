# The images: building what is missing, loading what this cluster does not have.
# shellcheck shell=bash

image_archives() { run_python -m testbed.images --cache "$cache/images" "$@"; }

# load_images: first what needs no build, so that a gateway that does not build leaves the rest usable.
load_images() {
  local archives standin
  forget_other_clusters
  archives=$(image_archives --debian)
  load_new "$archives"
  standin=$(gateway_program)
  archives=$(image_archives --standin "$standin" --versions "$repo/testbed/gateway/versions" \
    --gateway "${TYK_UPGRADE_TEST_GATEWAY:-}")
  load_new "$archives"
}

# gateway_program: the path of the built gateway stand-in.
gateway_program() {
  local digest
  digest=$(digest_of "$repo/testbed/gateway" ! -name versions ! -name '*_test.go')
  if [ ! -x "$cache/gateway/$digest/tyk" ]; then
    ensure_go
    with_lock gateway build_gateway "$digest"
  fi
  printf '%s\n' "$cache/gateway/$digest/tyk"
}

build_gateway() {
  local target=$cache/gateway/$1
  if [ -x "$target/tyk" ]; then return; fi
  say "building the gateway stand-in"
  rm -rf "$cache/gateway"
  mkdir -p "$target"
  (cd "$repo/testbed/gateway" && CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags '-s -w' -o "$target/tyk" .) >&2 ||
    die "the gateway stand-in does not build" "run 'go build .' in testbed/gateway"
}

# load_new ARCHIVES: of these paths, one a line, those that this very cluster did not get yet.
load_new() {
  local archive began=$SECONDS new=()
  while IFS= read -r archive; do
    grep -qxF "$(basename "$archive")" "$state/loaded" || new+=("$archive")
  done <<<"$1"
  if [ ${#new[@]} = 0 ]; then return; fi
  load_archives "${new[@]}"
  for archive in "${new[@]}"; do basename "$archive" >>"$state/loaded"; done
  say "${#new[@]} image archives loaded in $((SECONDS - began)) s"
}

# The list of loaded archives starts with the cluster's identity: a cluster that was made anew
# under the same name has none of them.
forget_other_clusters() {
  local identity
  identity=$(kube get namespace kube-system -o 'jsonpath={.metadata.uid}')
  if [ "$(head -1 "$state/loaded" 2>/dev/null)" != "$identity" ]; then
    printf '%s\n' "$identity" >"$state/loaded"
  fi
}

load_archives() {
  local archive
  case $kind in
    own) node_program load -state "$state/node" "$@" >&2 ;;
    kind) for archive in "$@"; do kind load image-archive --name "$cluster_name" "$archive" >&2; done ;;
    k3d) k3d image import --cluster "$cluster_name" "$@" >&2 ;;
    minikube) for archive in "$@"; do minikube --profile "$cluster_name" image load "$archive" >&2; done ;;
    foreign) die "this cluster is yours, so its images are too" \
      "load $* on its nodes (ctr -n k8s.io images import), or push the images to a registry it can reach" ;;
  esac
}
