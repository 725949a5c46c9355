"""kubeconfig files: found, read and merged as kubectl does.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.errors import ClusterError, NotFound, TykUpgradeError
from helm_tyk_upgrade.helmyaml import read

_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True)
class Kubeconfig:
    """The merged entries by name. Paths in them are absolute. May hold credentials: never shown."""

    current_context: str = ""
    clusters: Mapping[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    users: Mapping[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    contexts: Mapping[str, dict[str, Any]] = field(default_factory=dict, repr=False)


def files(env: Mapping[str, str]) -> list[Path]:
    """The files kubectl would read: the KUBECONFIG list, else ~/.kube/config."""
    listed = [Path(part) for part in env.get("KUBECONFIG", "").split(":") if part]
    home = env.get("HOME", "")
    return listed or ([Path(home) / ".kube" / "config"] if home else [])


def load(env: Mapping[str, str]) -> Kubeconfig:
    """The merged kubeconfig: the first file that defines a name or the current context wins, whole entries at
    a time; files that do not exist are left out. Raises ClusterError for an unreadable one."""
    current = ""
    merged: dict[str, dict[str, dict[str, Any]]] = {"clusters": {}, "users": {}, "contexts": {}}
    for path in files(env):
        content = _read(path)
        current = current or str(content.get("current-context") or "")
        for section, entries in merged.items():
            for name, entry in _entries(content, section, path):
                entries.setdefault(name, entry)
    return Kubeconfig(current, **merged)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = read(read_file(path, what="kubeconfig").data, 4)
        return content
    except NotFound:
        return {}
    except TykUpgradeError as error:
        raise ClusterError(
            f"kubeconfig {path}: {error.message}", "kubectl config view shows whether it is valid"
        ) from error


def _entries(content: Mapping[str, Any], section: str, path: Path) -> list[tuple[str, dict[str, Any]]]:
    """`clusters: [{name: a, cluster: {...}}]` as (name, {...})."""
    listed = content.get(section) or []
    if not isinstance(listed, list):
        raise ClusterError(f"kubeconfig {path}: {section} is not a list", "see `kubectl config view`")
    return [
        (str(item.get("name")), _absolute(item.get(section[:-1]), path.parent))
        for item in listed
        if isinstance(item, dict)
    ]


def _absolute(value: Any, folder: Path) -> dict[str, Any]:
    entry: dict[str, Any] = dict(value) if isinstance(value, dict) else {}
    for key in _PATHS:
        if entry.get(key):
            entry[key] = str(folder / str(entry[key]))
    plugin = entry.get("exec")
    if isinstance(plugin, dict) and "/" in str(plugin.get("command", "")):
        entry["exec"] = {**plugin, "command": str(folder / str(plugin["command"]))}
    return entry
