"""Helm for a Kubernetes that it is told of: it renders, and asks no cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.model.inputs import Capabilities, Layers, UpgradeFlags
from helm_tyk_upgrade.model.release import Rendered
from helm_tyk_upgrade.model.secrets import Masker

NO_CLUSTER = "no cluster was asked (--kube-version)"
_WITHOUT_CLUSTER = frozenset(("template", "pull", "show", "repo", "search"))


class OfflineHelm(Helm):
    """As Helm, but charts see the given capabilities, and `lookup` finds nothing. What would read from the cluster
    raises TykUpgradeError; nothing is ever changed through it."""

    def __init__(
        self,
        processes: Processes,
        binary: str,
        capabilities: Capabilities,
        *,
        masker: Masker,
        memory: Path | None = None,
    ) -> None:
        super().__init__(processes, binary, masker=masker, memory=memory)
        self._capabilities = capabilities

    def render(
        self,
        name: str,
        namespace: str,
        chart: str,
        layers: Layers,
        flags: UpgradeFlags | None = None,
        *,
        validate: bool = True,
    ) -> Rendered:
        """By `helm template`: hooks are among the manifest's documents. There is no API server to validate with."""
        return Rendered(self.template(name, namespace, chart, layers, flags=flags), "")

    def template(
        self,
        name: str,
        namespace: str,
        chart: str,
        layers: Layers,
        *,
        kube_version: str = "",
        api_versions: Sequence[str] = (),
        flags: UpgradeFlags | None = None,
    ) -> str:
        """For the given capabilities, where the caller names none."""
        told = self._capabilities
        return super().template(
            name,
            namespace,
            chart,
            layers,
            kube_version=kube_version or told.kube_version,
            api_versions=api_versions or told.api_versions,
            flags=flags,
        )

    def _read(self, words: Sequence[str], verb: str, subject: str, stdin: bytes | None = None) -> bytes:
        if words[0] not in _WITHOUT_CLUSTER:
            raise TykUpgradeError(f"helm {verb} {subject}: {NO_CLUSTER}", "leave --kube-version out")
        return super()._read(words, verb, subject, stdin)
