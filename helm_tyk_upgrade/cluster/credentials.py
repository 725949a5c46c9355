"""Who we are to the API server: tokens, token files, basic authentication and credential plugins.

Plugins: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol

from helm_tyk_upgrade.cluster.access import Access, ExecPlugin
from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.errors import ClusterError, TykUpgradeError
from helm_tyk_upgrade.model.secrets import printable

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_TOKEN = re.compile(r"[\w.+=~-]{40,}")
"""What may be a token in a plugin's own error text; its other words tell how to log in."""
_PATIENCE = 60.0
"""Seconds a plugin may take: some open a browser."""


@dataclass(frozen=True)
class Credential:
    """authorization: the header's value, "" for none; certificate and key: PEM texts for TLS, "" for none."""

    authorization: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    expires: datetime | None = None


class Credentials(Protocol):
    def current(self) -> Credential:
        """What to identify with now."""

    def renew(self) -> bool:
        """Forget what was kept, after a 401. False when asking again would give the same."""


def credentials(access: Access, env: Mapping[str, str]) -> Credentials:
    """The source that this access uses; a token file wins over a token, both over a plugin, as in
    client-go."""
    if access.token_file:
        return TokenFile(Path(access.token_file))
    if access.token:
        return Fixed(Credential(f"Bearer {access.token}"))
    if access.plugin is not None:
        return Plugin(access, access.plugin, env)
    if access.username:
        pair = base64.b64encode(f"{access.username}:{access.password}".encode()).decode()
        return Fixed(Credential(f"Basic {pair}"))
    return Fixed(Credential())


class Fixed:
    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def current(self) -> Credential:
        return self._credential

    def renew(self) -> bool:
        return False


class TokenFile:
    """A token that something else renews on disk, such as the kubelet for a ServiceAccount. Read for each
    call: it is a few hundred bytes, and never stale."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def current(self) -> Credential:
        try:
            return Credential(f"Bearer {self._path.read_text('ascii').strip()}")
        except (OSError, UnicodeDecodeError) as error:
            raise ClusterError(
                f"cannot read the token file {self._path}", "log in to the cluster again"
            ) from error

    def renew(self) -> bool:
        return True


class Plugin:
    """Runs the plugin when needed and keeps its answer until shortly before it expires."""

    def __init__(self, access: Access, plugin: ExecPlugin, env: Mapping[str, str]) -> None:
        self._access = access
        self._plugin = plugin
        self._env = env
        self._kept: Credential | None = None
        self._one_at_a_time = threading.Lock()  # a plugin may open a browser

    def current(self) -> Credential:
        soon = datetime.now(timezone.utc) + timedelta(seconds=10)
        with self._one_at_a_time:
            if self._kept is None or (self._kept.expires is not None and self._kept.expires < soon):
                self._kept = self._ask()
            return self._kept

    def renew(self) -> bool:
        self._kept = None
        return True

    def _ask(self) -> Credential:
        plugin = self._plugin
        if plugin.api_version not in _VERSIONS:
            raise ClusterError(
                f"credential plugin {plugin.command}: API version {plugin.api_version} is not supported",
                f"kubeconfig must say one of {', '.join(_VERSIONS)}",
            )
        if plugin.interactive_mode == "Always":
            raise ClusterError(
                f"credential plugin {plugin.command} always asks questions, which cannot be answered here",
                "use a token, or a plugin that keeps its login",
            )
        env = {
            **self._env,
            **dict(plugin.env),
            "KUBERNETES_EXEC_INFO": json.dumps(exec_info(self._access, plugin)),
        }
        try:
            done = Processes(env).run([plugin.command, *plugin.args], timeout=_PATIENCE)
        except TykUpgradeError as error:
            raise ClusterError(
                f"credential plugin: {error.message}", plugin.install_hint or error.hint
            ) from error
        if done.returncode != 0:
            words = printable(_TOKEN.sub("[hidden]", done.stderr.decode("utf-8", "replace").strip()))[:500]
            raise ClusterError(
                f"credential plugin {plugin.command} failed with code {done.returncode}: {words}",
                plugin.install_hint or "log in with its own command first",
            )
        return parse_credential(done.stdout, plugin.command)


def exec_info(access: Access, plugin: ExecPlugin) -> dict[str, Any]:
    """KUBERNETES_EXEC_INFO: which cluster the credential is for, where the plugin asked for it."""
    spec: dict[str, Any] = {"interactive": False}
    if plugin.wants_cluster:
        spec["cluster"] = {
            "server": access.server,
            "tls-server-name": access.tls_server_name,
            "insecure-skip-tls-verify": access.insecure,
            "certificate-authority-data": base64.b64encode(access.ca.encode()).decode(),
            "proxy-url": access.proxy,
        }
    return {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}


def parse_credential(output: bytes, command: str) -> Credential:
    """The ExecCredential a plugin printed. Raises ClusterError; its text is never repeated: it holds the
    token."""
    try:
        status = json.loads(output)["status"]
        token, expires = str(status.get("token") or ""), status.get("expirationTimestamp")
        credential = Credential(
            authorization=f"Bearer {token}" if token else "",
            certificate=str(status.get("clientCertificateData") or ""),
            key=str(status.get("clientKeyData") or ""),
            expires=datetime.fromisoformat(str(expires).replace("Z", "+00:00")) if expires else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClusterError(
            f"credential plugin {command} did not print an ExecCredential", "run it by hand"
        ) from error
    if not credential.authorization and not credential.certificate:
        raise ClusterError(
            f"credential plugin {command} gave neither a token nor a certificate", "log in first"
        )
    return credential
