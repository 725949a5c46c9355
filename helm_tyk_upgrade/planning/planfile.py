"""A saved plan: what was reviewed, bound by digests, without a secret in it. `apply` makes the plan again and goes on
only when nothing that it was bound to has moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from helm_tyk_upgrade import __version__
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.edge.files import read_file, sha256, write_atomic
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.inputs import Request
from helm_tyk_upgrade.model.plan import Plan

API_VERSION = "tyk-upgrade/v1"
KIND = "SavedPlan"
_REQUEST = frozenset(
    "release namespace version gatewayVersion chart repo catalogue values sets keepReleaseValues write policies".split()
)
_BOUND = frozenset("release revision chart chartDigest helmMajor valuesFiles editedFiles changes".split())


def write_plan(plan: Plan, request: Request, path: str, context: Context) -> None:
    """Raises TykUpgradeError where the file cannot be written, or would hold credentials."""
    for text in (request.chart, request.repo, request.catalogue, *map(str, request.layers.documents)):
        _refuse_credentials(text)
    value = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "tool": __version__,
        "time": stamp(context.clock.now()),
        "request": _request(plan, request),
        "bound": bound(plan),
    }
    write_atomic(Path(path), json.dumps(value, indent=2, sort_keys=True).encode() + b"\n", mode=0o644)


def read_plan(path: str) -> dict[str, Any]:
    """Raises TykUpgradeError for a file that is no plan of this version."""
    try:
        value = json.loads(read_file(Path(path), what="plan file").data)
        if value["kind"] != KIND or value["apiVersion"] != API_VERSION:
            raise ValueError(f"it is {value['apiVersion']} {value['kind']}")
        missing = sorted(_REQUEST - value["request"].keys() | _BOUND - value["bound"].keys())
        if missing:
            raise ValueError(f"it has no {', '.join(missing)}")
        return dict(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TykUpgradeError(f"{path} is no plan: {error}", "make one with plan --out FILE") from error


def bound(plan: Plan) -> dict[str, Any]:
    """What must still be the same when the plan is carried out. Digests only: values may hold secrets, so of a file
    or manifest nothing but its sha256 is kept."""
    return {
        "release": str(plan.release),
        "revision": plan.release.revision,
        "chart": f"{plan.archive.name}-{plan.archive.version}",
        "chartDigest": plan.archive.digest,
        "helmMajor": plan.helm.major,
        "valuesFiles": {file.path: file.digest for file in plan.values.files},
        "editedFiles": {file.file: sha256(file.after) for file in plan.values_changes.edited_files},
        "changes": sha256(_changes(plan)),
    }


def moved(saved: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs, in words; empty when the world is as it was planned for."""
    return [
        f"{name}: was {_short(saved.get(name))}, is {_short(now[name])}"
        for name in now
        if saved.get(name) != now[name]
    ]


def _changes(plan: Plan) -> bytes:
    """The object changes, without fields that are random at each render."""
    lines = [
        [str(change.id), change.action.value, field.path, field.old, field.new]
        for change in plan.objects.objects
        for field in change.fields
        if not field.random
    ]
    return json.dumps(lines, sort_keys=True, default=str).encode()


def _request(plan: Plan, request: Request) -> dict[str, Any]:
    """What apply needs to make the plan again. Of --set only the names: their values are given again."""
    return {
        "release": plan.release.name,
        "namespace": plan.release.namespace,
        "version": plan.chart.version,
        "gatewayVersion": request.gateway_version,
        "chart": request.chart,
        "repo": request.repo,
        "catalogue": request.catalogue,
        "values": [document for document in request.layers.documents if isinstance(document, str)],
        "sets": set_names(request.layers.sets),
        "keepReleaseValues": request.keep_release_values,
        "write": request.write,
        "policies": list(request.policies),
    }


def set_names(sets: tuple[tuple[str, str], ...]) -> list[str]:
    """What is kept of --set flags: the flag and the first key, never a value. A whole JSON document (`--set-json
    '{...}'`) has no key that could be told from its values."""
    return [
        f"{flag} {'{...}' if text.lstrip().startswith('{') else text.partition('=')[0]}"
        for flag, text in sets
    ]


def _refuse_credentials(text: str) -> None:
    if "://" in text and "@" in urlsplit(text).netloc:
        host = urlsplit(text).netloc.rpartition("@")[2]
        raise TykUpgradeError(
            f"the URL of {host} holds credentials, and a plan file never does",
            "leave them to Helm: helm repo add --username, helm registry login",
        )


def _short(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) < 120 else text[:117] + "..."
