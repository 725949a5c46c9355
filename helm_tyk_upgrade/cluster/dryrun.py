"""Would the API server take this object? Asked by requests that store nothing (`dryRun=All`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from helm_tyk_upgrade.cluster.once import APPLY, MERGE, once
from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster

MANAGER = "helm"
"""Helm's own field manager, whatever its binary is called: the same fields would be owned as in the real upgrade."""
TIMEOUT = 10.0
"""Seconds for one question: as long as an admission webhook may take unless it says otherwise."""


@dataclass(frozen=True)
class DryRun:
    """accepted: known yes or no, or unknown and why; reason and causes: the server's words for a no, without the values
    that may be secret; code: HTTP status of a no, 0 where there was none; result: the object as it would be stored, {}
    without a yes; missing: the kind or the namespace is not there; busy: the server is down or throttles, which says
    nothing of the object and may be over in a moment."""

    accepted: Maybe[bool]
    reason: str = ""
    causes: tuple[str, ...] = ()
    code: int = 0
    result: Mapping[str, Any] = field(default_factory=dict, repr=False)
    missing: bool = False
    busy: bool = False

    @property
    def immutable(self) -> bool:
        return any("immutable" in text or "may not change" in text for text in (self.reason, *self.causes))

    @property
    def conflict(self) -> bool:
        """Fields of other managers would change: what server-side apply says before it looks at anything else."""
        return self.code == 409 and any("conflict with" in cause for cause in self.causes)


def dry_run(
    cluster: Cluster,
    manifest: Mapping[str, Any],
    namespace: str,
    *,
    force: bool = True,
    timeout: float = TIMEOUT,
) -> DryRun:
    """Ask about one object by server-side apply. Never raises: what could not be found out is unknown.

    namespace: for manifests that name none; force: take over fields of other managers, as client-side apply does;
    without it they are a no (`conflict`).
    """
    query = {"fieldManager": MANAGER, "force": str(force).lower(), "dryRun": "All"}

    def ask() -> Mapping[str, Any]:
        path = _path(cluster, manifest, namespace)
        return once(cluster, "PATCH", path, query=query, body=manifest, content_type=APPLY, timeout=timeout)

    return _judged(ask, manifest)


def dry_create(
    cluster: Cluster,
    manifest: Mapping[str, Any],
    namespace: str,
    *,
    timeout: float = TIMEOUT,
) -> DryRun:
    """Ask whether the object could be created. One that exists is a no with code 409."""
    query = {"fieldManager": MANAGER, "dryRun": "All"}

    def ask() -> Mapping[str, Any]:
        path = _path(cluster, manifest, namespace, whole=True)
        return once(cluster, "POST", path, query=query, body=manifest, timeout=timeout)

    return _judged(ask, manifest)


def dry_patch(
    cluster: Cluster,
    manifest: Mapping[str, Any],
    patch: Mapping[str, Any],
    namespace: str,
    *,
    timeout: float = TIMEOUT,
) -> DryRun:
    """Ask about a JSON merge patch (RFC 7386) of the object that the manifest names."""
    query = {"fieldManager": MANAGER, "dryRun": "All"}

    def ask() -> Mapping[str, Any]:
        path = _path(cluster, manifest, namespace)
        return once(cluster, "PATCH", path, query=query, body=patch, content_type=MERGE, timeout=timeout)

    return _judged(ask, manifest)


def live_object(
    cluster: Cluster, manifest: Mapping[str, Any], namespace: str, *, timeout: float = TIMEOUT
) -> DryRun:
    """The object as it is in the cluster, as `result` of a yes; `missing` where there is none. Never raises."""
    return _judged(
        lambda: once(cluster, "GET", _path(cluster, manifest, namespace), timeout=timeout), manifest
    )


def _path(cluster: Cluster, manifest: Mapping[str, Any], namespace: str, *, whole: bool = False) -> str:
    found = cluster.resource(str(manifest.get("apiVersion")), str(manifest.get("kind")))
    metadata = manifest.get("metadata") or {}
    place = quote(str(metadata.get("namespace") or namespace), safe="")
    return found.path(place, "" if whole else quote(str(metadata.get("name")), safe=":"))


def _judged(ask: Callable[[], Mapping[str, Any]], manifest: Mapping[str, Any]) -> DryRun:
    secret = manifest.get("kind") == "Secret"
    try:
        return DryRun(Known(True), result=ask())
    except NotFound as error:
        return DryRun(Unknown(error.message), error.message, code=404, missing=True)
    except Unreachable as error:
        return DryRun(Unknown(error.message), busy=True)
    except ApiRefused as error:
        said = _PREAMBLE.sub("", _without_values(error.message, secret))
        causes = tuple(_without_values(cause, secret).removeprefix(": ") for cause in error.causes)
        accepted = _verdict(error, said)
        busy = isinstance(accepted, Unknown) and _is_busy(error)
        return DryRun(accepted, said, causes, error.code, busy=busy)
    except ClusterError as error:
        return DryRun(Unknown(error.message))


# Server-side apply answers 500 for what the manifest itself says wrong (Kubernetes 1.34, tried on its API server).
_ABOUT_THE_OBJECT = (
    "denied the request",
    "denied request:",
    "violates PodSecurity",
    "failed to create typed patch object",
    "failed to convert new object",
    "error decoding from json",
)
_ABOUT_US = re.compile(r"\bcannot \w+ resource\b|\bUser \"[^\"]*\" cannot\b|Unauthorized")


def _verdict(error: ApiRefused, said: str) -> Maybe[bool]:
    """A no about the object is a no. A no about us, or about asking, says nothing of the object. 403 is both: RBAC says
    who cannot do what, all others (quota, limits, policies, webhooks, a dying namespace) speak of the object."""
    if "does not support dry run" in error.message:
        return Unknown("an admission webhook does not support dry run")
    if any(words in error.message for words in _ABOUT_THE_OBJECT):
        return Known(False)
    if error.code == 403 and error.reason == "Forbidden" and not _ABOUT_US.search(error.message):
        return Known(False)
    if error.code in (401, 403, 429) or error.code >= 500:
        return Unknown(said)
    return Known(False)


def _is_busy(error: ApiRefused) -> bool:
    return error.code == 429 or (error.code >= 500 and "webhook" not in error.message)


_INVALID = re.compile(
    r'(Invalid value: |Unsupported value: )("(?:[^"\\]|\\.)*"|[&*\w.]*\{.*\}|\[.*\]|[^:]*)(?=:|$)'
)
_TYPED = re.compile(r"&value\.valueUnstructured\{Value:.*?\}(?=$|[,\s])")
_HOLDS_ANYTHING = re.compile(r"\benv\b|\bdata\b|stringData|\bargs\b|\bcommand\b")
_SHOWN = 40
_PREAMBLE = re.compile(
    r"^the API server: (failed to (create typed patch object|convert new object) \([^)]*\)( to proper version)?: )?"
)
"""What says only which object was asked about."""


def _without_values(text: str, secret: bool) -> str:
    """What the server says, without the values that it quotes where these may be anything: whole objects, entries of
    Secrets and ConfigMaps, environment and arguments. A short plain value (`Invalid value: "10.0.0.1"`) helps."""
    hide = secret or bool(_HOLDS_ANYTHING.search(text))

    def shown(match: re.Match[str]) -> str:
        if match[2] == '""':
            return match[0]
        plain = len(match[2]) <= _SHOWN and "{" not in match[2] and "[" not in match[2]
        return match[0] if plain and not hide else f"{match[1].rstrip()} (not shown)"

    return _TYPED.sub("another type", _INVALID.sub(shown, text))
