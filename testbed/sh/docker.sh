# Clusters in Docker: kind, k3d, minikube, whichever is installed.
# shellcheck shell=bash

# docker_kind: prints the first of these programs that is in PATH while a Docker engine answers.
docker_kind() {
  local program
  docker info >/dev/null 2>&1 || return 1
  for program in kind k3d minikube; do
    if command -v "$program" >/dev/null; then
      printf '%s\n' "$program"
      return
    fi
  done
  return 1
}

# Each *_start makes the cluster if there is none of our name, and writes its kubeconfig.
kind_start() {
  if kind get clusters 2>/dev/null | grep -qx "$cluster_name"; then
    kind export kubeconfig --name "$cluster_name" --kubeconfig "$kubeconfig" >&2
  else
    kind create cluster --name "$cluster_name" --kubeconfig "$kubeconfig" --wait 180s >&2
  fi
}

k3d_start() {
  k3d cluster get "$cluster_name" >/dev/null 2>&1 ||
    k3d cluster create "$cluster_name" --kubeconfig-update-default=false --wait --timeout 180s >&2
  k3d kubeconfig get "$cluster_name" >"$kubeconfig"
}

minikube_start() { KUBECONFIG=$kubeconfig minikube start --profile "$cluster_name" --wait=all >&2; }

kind_stop() { kind delete cluster --name "$cluster_name" --kubeconfig "$kubeconfig" >&2; }
k3d_stop() { k3d cluster delete "$cluster_name" >&2; }
minikube_stop() { KUBECONFIG=$kubeconfig minikube delete --profile "$cluster_name" >&2; }
