"""The release that a record of known changes is held against: what its manifests, values and running gateway show.
Made by planning/transition_facts.py; the detectors read nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.model.gateway import Inventory
from helm_tyk_upgrade.model.knowledge import NOT_LOOKED_FOR, GoPlugins
from helm_tyk_upgrade.model.known import Maybe, Unknown

_NO_GATEWAY = Unknown("the manifest has no Tyk gateway")
_NOT_ASKED = Unknown("the gateway was not asked for its APIs")


@dataclass(frozen=True)
class Side:
    """What one manifest, the stored or the new one, says of the gateway.

    objects: all of its objects, parsed; pod and container: the gateway's pod spec and its container, empty where it
    has none; variables: the container's environment as its process sees it, None for a value that the manifest does
    not show (it is in a Secret); imported: envFrom may define more; version: what the image tag stands for.
    """

    objects: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    pod: Mapping[str, Any] = field(default_factory=dict, repr=False)
    container: Mapping[str, Any] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    imported: bool = False
    version: Maybe[str] = _NO_GATEWAY


@dataclass(frozen=True)
class Subject:
    """given: the user values as planned, merged; inventory: what the running gateway has loaded;
    server_side: Helm applies this release server-side."""

    before: Side
    after: Side
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)
    inventory: Maybe[Inventory] = _NOT_ASKED
    plugins: Maybe[GoPlugins] = NOT_LOOKED_FOR
    server_side: bool = False
