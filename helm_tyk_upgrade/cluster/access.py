"""How to reach the API server and as whom, from kubeconfig, Helm's environment or the pod we run in.

Helm's variables: https://helm.sh/docs/helm/helm/ (HELM_KUBE*); they override kubeconfig as Helm's flags do.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.cluster.kubeconfig import Kubeconfig, load
from helm_tyk_upgrade.cluster.proxies import proxy_for
from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.errors import ClusterError, TykUpgradeError

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True)
class ExecPlugin:
    """A credential plugin as kubeconfig names it. env: what is added to its environment."""

    command: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = "client.authentication.k8s.io/v1"
    wants_cluster: bool = False
    interactive_mode: str = "IfAvailable"
    install_hint: str = ""


@dataclass(frozen=True)
class Access:
    """Where the API server is and how we identify ourselves. Certificates and keys are PEM text, "" where
    none.

    proxy: URL of the HTTP proxy, "" for a direct connection; namespace: the one meant when none is named.
    """

    server: str
    namespace: str = "default"
    context: str = ""
    ca: str = field(default="", repr=False)
    insecure: bool = False
    tls_server_name: str = ""
    proxy: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    token_file: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    plugin: ExecPlugin | None = None
    as_user: str = ""
    as_groups: tuple[str, ...] = ()


def access_from_env(
    env: Mapping[str, str],
    *,
    context: str = "",
    namespace: str = "",
    service_account: Path = SERVICE_ACCOUNT,
) -> Access:
    """Read how to reach the cluster. `context` and `namespace` are the user's flags and win over all else.

    Raises ClusterError when there is no cluster configured, a name is not defined, or a file cannot be read.
    """
    config = load(env)
    wanted = context or env.get("HELM_KUBECONTEXT", "") or config.current_context
    if wanted:
        access = _from_context(config, wanted)
    elif env.get("KUBERNETES_SERVICE_HOST") and (service_account / "token").exists():
        access = _in_cluster(env, service_account)
    else:
        access = Access(server="")
    access = _with_helm_environment(access, env)
    if not access.server:
        raise ClusterError(
            "no cluster is configured: no kubeconfig names a current context and this is no pod",
            "set KUBECONFIG, or choose a context with --kube-context",
        )
    chosen = namespace or env.get("HELM_NAMESPACE", "") or access.namespace
    return replace(access, namespace=chosen, proxy=access.proxy or proxy_for(access.server, env))


def _from_context(config: Kubeconfig, name: str) -> Access:
    if name not in config.contexts:
        known = ", ".join(sorted(config.contexts)) or "none"
        raise ClusterError(f"context {name!r} is not defined in kubeconfig", f"defined: {known}")
    context = config.contexts[name]
    cluster = _named(config.clusters, context.get("cluster"), "cluster", name)
    user = _named(config.users, context.get("user"), "user", name) if context.get("user") else {}
    return Access(
        server=str(cluster.get("server") or "").rstrip("/"),
        namespace=str(context.get("namespace") or "default"),
        context=name,
        ca=_pem(cluster, "certificate-authority"),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        tls_server_name=str(cluster.get("tls-server-name") or ""),
        proxy=str(cluster.get("proxy-url") or ""),
        token=str(user.get("token") or ""),
        token_file=str(user.get("tokenFile") or ""),
        username=str(user.get("username") or ""),
        password=str(user.get("password") or ""),
        certificate=_pem(user, "client-certificate"),
        key=_pem(user, "client-key"),
        plugin=_plugin(user, name),
        as_user=str(user.get("as") or ""),
        as_groups=tuple(map(str, user.get("as-groups") or ())),
    )


def _named(entries: Mapping[str, dict[str, Any]], name: Any, what: str, context: str) -> dict[str, Any]:
    if str(name) not in entries:
        raise ClusterError(
            f"context {context!r} names the {what} {name!r}, which kubeconfig does not define",
            "compare the names in `kubectl config view`",
        )
    return entries[str(name)]


def _pem(entry: Mapping[str, Any], key: str) -> str:
    """The PEM text of `KEY-data` (base64) or of the file named by `KEY`."""
    data = entry.get(f"{key}-data")
    try:
        if data:
            return base64.b64decode(str(data), validate=False).decode("ascii")
        if entry.get(key):
            return read_file(Path(str(entry[key])), what=key).data.decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ClusterError(f"{key} in kubeconfig is not a PEM text", "get a new kubeconfig") from error
    except TykUpgradeError as error:
        raise ClusterError(error.message, error.hint) from error
    return ""


def _plugin(user: Mapping[str, Any], context: str) -> ExecPlugin | None:
    plugin = user.get("exec")
    if not isinstance(plugin, dict):
        if user.get("auth-provider"):
            raise ClusterError(
                f"context {context!r} uses an auth-provider, which Kubernetes removed in 1.26",
                "get a new kubeconfig from your provider; it will use an exec plugin",
            )
        return None
    return ExecPlugin(
        command=str(plugin.get("command") or ""),
        args=tuple(map(str, plugin.get("args") or ())),
        env=tuple((str(pair.get("name")), str(pair.get("value"))) for pair in plugin.get("env") or ()),
        api_version=str(plugin.get("apiVersion") or ""),
        wants_cluster=bool(plugin.get("provideClusterInfo")),
        interactive_mode=str(plugin.get("interactiveMode") or "IfAvailable"),
        install_hint=str(plugin.get("installHint") or ""),
    )


def _in_cluster(env: Mapping[str, str], folder: Path) -> Access:
    host, port = env["KUBERNETES_SERVICE_HOST"], env.get("KUBERNETES_SERVICE_PORT", "443")
    namespace = folder / "namespace"
    return Access(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        namespace=namespace.read_text("utf-8").strip() if namespace.exists() else "default",
        ca=_pem({"ca.crt": str(folder / "ca.crt")}, "ca.crt"),
        token_file=str(folder / "token"),
    )


def _with_helm_environment(access: Access, env: Mapping[str, str]) -> Access:
    changes: dict[str, Any] = {}
    for variable, name in (
        ("HELM_KUBEAPISERVER", "server"),
        ("HELM_KUBEASUSER", "as_user"),
        ("HELM_KUBETLS_SERVER_NAME", "tls_server_name"),
    ):
        if env.get(variable):
            changes[name] = env[variable].rstrip("/")
    if env.get("HELM_KUBETOKEN"):
        changes |= {"token": env["HELM_KUBETOKEN"], "token_file": "", "plugin": None}
    if env.get("HELM_KUBEASGROUPS"):
        changes["as_groups"] = tuple(part for part in env["HELM_KUBEASGROUPS"].split(",") if part)
    if env.get("HELM_KUBECAFILE"):
        changes["ca"] = _pem({"HELM_KUBECAFILE": env["HELM_KUBECAFILE"]}, "HELM_KUBECAFILE")
    if env.get("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", "").lower() in ("1", "t", "true"):
        changes |= {"insecure": True, "ca": ""}
    return replace(access, **changes)
