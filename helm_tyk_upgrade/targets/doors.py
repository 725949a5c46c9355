"""What a target works with: the clients of a run, as context.Context has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster
    from helm_tyk_upgrade.edge.clock import Clock
    from helm_tyk_upgrade.edge.http import Http
    from helm_tyk_upgrade.helm.client import Helm
    from helm_tyk_upgrade.model.secrets import Masker


class Doors(Protocol):
    """The cluster is connected to when it is first asked for: that may raise TykUpgradeError."""

    @property
    def clock(self) -> Clock: ...

    @property
    def masker(self) -> Masker: ...

    @property
    def cluster(self) -> Cluster: ...

    @property
    def helm(self) -> Helm: ...

    def http(self, ca_file: str = "") -> Http: ...
