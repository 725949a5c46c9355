"""What is judged: what was seen of one pod, and what was expected of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from helm_tyk_upgrade.model.gateway import GatewaySpec, Inventory, Readings
from helm_tyk_upgrade.model.known import Maybe, Unknown

_NOT_ASKED: Unknown = Unknown("not asked")


@dataclass(frozen=True)
class Expected:
    """version: the planned one; digest: of the planned image, for a tag that is no Tyk version; signatures:
    of the errors the old pods logged; inventory: what was loaded before; restarts: how many are no news."""

    version: Maybe[str]
    digest: str = ""
    signatures: Maybe[frozenset[str]] = _NOT_ASKED
    inventory: Maybe[Inventory] = _NOT_ASKED
    restarts: int = 0
    consecutive: int = 1


@dataclass(frozen=True)
class Observed:
    """One pod. digest: of the image that runs, "" where the runtime does not tell; log: since its start."""

    pod: str
    spec: GatewaySpec
    readings: Readings
    digest: str = ""
    log: Maybe[str] = field(default=_NOT_ASKED, repr=False)
    restarts: int = 0
    inventory: Maybe[Inventory] = _NOT_ASKED
