"""How Tyk's charts are built: where the gateway's settings stand in the values, and what its objects are
called.

Read in tyk-charts 1.0.0 to 5.3.0; unchanged in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Path = tuple[str, ...]

UMBRELLAS = (
    "tyk-oss",
    "tyk-stack",
    "tyk-control-plane",
    "tyk-data-plane",
    "tyk-single-dc",
    "tyk-mdcb-data-plane",
)
COMPONENT = "tyk-gateway"
LONGEST_NAME = 63


def gateway_path(chart: str) -> Path | None:
    """Where the component's values begin: `tyk-gateway` in an umbrella, the top in the component itself.
    None for a chart that is not Tyk's: then only the manifest tells."""
    if chart in UMBRELLAS:
        return (COMPONENT,)
    return () if chart == COMPONENT else None


def tag_path(chart: str) -> Path | None:
    """The value that holds the gateway's image tag."""
    return _below(chart, "gateway", "image", "tag")


def repository_path(chart: str) -> Path | None:
    """The value that holds the gateway's image repository."""
    return _below(chart, "gateway", "image", "repository")


def _below(chart: str, *path: str) -> Path | None:
    start = gateway_path(chart)
    return None if start is None else (*start, *path)


def fullname(release: str, chart: str, values: Mapping[str, Any]) -> str:
    """The part that the names of all gateway objects share, by the chart's helper `tyk-gateway.fullname`.

    values: effective values of the chart. The Deployment is `gateway-<fullname>`, the Service
    `gateway-svc-<fullname>`, the Secret `secrets-<fullname>`.
    """
    own = values.get(COMPONENT) if gateway_path(chart) else values
    own = own if isinstance(own, Mapping) else {}
    override = own.get("fullnameOverride")
    if override:
        return _cut(str(override))
    name = str(own.get("nameOverride") or COMPONENT)
    return _cut(release if name in release else f"{release}-{name}")


def _cut(name: str) -> str:
    return name[:LONGEST_NAME].removesuffix("-")
