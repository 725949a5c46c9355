"""A saved plan: what was reviewed, bound by digests, without a secret in it. `apply` makes the plan again and goes on
only when nothing that it was bound to has moved."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from helm_tyk_upgrade import __version__
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.edge.files import read_file, write_atomic
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.inputs import Request, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import is_secret_name
from helm_tyk_upgrade.planning.binding import bound

API_VERSION = "tyk-upgrade/v1"
KIND = "SavedPlan"
_REQUEST = frozenset(
    "release namespace version gatewayVersion chart repo catalogue values sets keepReleaseValues write policies flags"
    " settings".split()
)
_BOUND = frozenset(
    "salt cluster release revision deployed chart chartDigest helmMajor values valuesFiles editedFiles changes"
    " live notFixed notBound".split()
)
_TABLES = ("values", "valuesFiles", "editedFiles", "changes", "live", "notFixed")
VALID_FOR = timedelta(days=7)
"""A plan is made for a pull request and applied when that is merged."""
SKEW = timedelta(minutes=5)
"""That two machines' clocks may differ."""


def write_plan(
    plan: Plan, request: Request, path: str, context: Context, valid_for: timedelta = VALID_FOR
) -> dict[str, Any]:
    """What was written (docs/schemas/planfile.v1.json). Raises TykUpgradeError where the file cannot be written, or
    would hold credentials."""
    documents = (document for document in request.layers.documents if isinstance(document, str))
    for text in (request.chart, request.repo, request.catalogue, request.settings.probe_url, *documents):
        _refuse_credentials(text)
    flags = request.flags
    for text in (flags.description, flags.labels, flags.post_renderer, *flags.post_renderer_args):
        _refuse_secret(text, context)
    now = context.clock.now()
    value = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "tool": __version__,
        "time": stamp(now),
        "validUntil": stamp(_until(now, valid_for)),
        "request": _request(plan, request),
        "bound": bound(plan, os.urandom(16).hex(), plan.cluster),
    }
    write_atomic(Path(path), json.dumps(value, indent=2, sort_keys=True).encode() + b"\n", mode=0o644)
    return value


def _until(now: datetime, valid_for: timedelta) -> datetime:
    try:
        return now + valid_for
    except OverflowError as error:
        raise TykUpgradeError(
            f"no plan holds for {valid_for.days} days", "--valid-for 168h is a week"
        ) from error


def read_plan(path: str) -> dict[str, Any]:
    """Raises TykUpgradeError for a file that is no plan of this version."""
    try:
        value = json.loads(read_file(Path(path), what="plan file").data)
        if value["kind"] != KIND or value["apiVersion"] != API_VERSION:
            raise ValueError(f"it is {value['apiVersion']} {value['kind']}")
        missing = sorted(_REQUEST - value["request"].keys() | _BOUND - value["bound"].keys())
        if missing:
            raise ValueError(f"it has no {', '.join(missing)}")
        (
            flags_of(value["request"]),
            settings_of(value["request"]),
        )  # a plan of other flags is none of this version
        _well_formed(value)
        return dict(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TykUpgradeError(f"{path} is no plan: {error}", "make one with plan --out FILE") from error


def _well_formed(value: dict[str, Any]) -> None:
    """Raises ValueError or TypeError: what is compared has the shape that comparing needs."""
    _moment(value["time"]), _moment(value["validUntil"])
    held = value["bound"]
    wrong = [name for name in _TABLES if not isinstance(held[name], dict)]
    wrong += [
        name
        for name in ("changes", "live")
        if not all(isinstance(of, dict) for of in dict(held[name]).values())
    ]
    wrong += [] if isinstance(held["notBound"], list) else ["notBound"]
    if wrong:
        raise ValueError(f"its {wrong[0]} is of another shape")


def flags_of(saved: dict[str, Any]) -> UpgradeFlags:
    """The flags for Helm with which a saved request was planned. Raises TypeError for flags of another version."""
    return UpgradeFlags(**{name: _tuples(value) for name, value in saved["flags"].items()})


def settings_of(saved: dict[str, Any]) -> RunSettings:
    """The same for the settings of the run."""
    return RunSettings(**{name: _tuples(value) for name, value in saved["settings"].items()})


def refuse_stale(saved: dict[str, Any], now: datetime, path: str) -> None:
    """Raises TykUpgradeError for a plan that holds no longer, or was made in the future of this machine's clock."""
    made, until = _moment(saved["time"]), _moment(saved["validUntil"])
    if made > now + SKEW:
        raise TykUpgradeError(
            f"{path} was made at {saved['time']}, and here it is {stamp(now)}: one of the two clocks is wrong",
            "set the clocks, then make the plan again if it is the one that made it",
        )
    if now > until:
        raise TykUpgradeError(
            f"{path} was made at {saved['time']} and held until {saved['validUntil']}; now it is {stamp(now)}",
            "make a new plan and have it reviewed; plan --valid-for DURATION makes one that holds longer",
        )


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


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
        "flags": asdict(request.flags),
        "settings": asdict(request.settings),
    }


def set_names(sets: tuple[tuple[str, str], ...]) -> list[str]:
    """What is kept of --set flags: the flag and the first key, never a value. A whole JSON document (`--set-json
    '{...}'`) has no key that could be told from its values."""
    return [
        f"{flag} {'{...}' if text.lstrip().startswith('{') else text.partition('=')[0]}"
        for flag, text in sets
    ]


def _refuse_credentials(text: str) -> None:
    if "://" not in text:
        return
    parts = urlsplit(text)
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    if "@" in parts.netloc or any(is_secret_name(name) or name.lower().endswith("sig") for name in names):
        host = parts.netloc.rpartition("@")[2]
        raise TykUpgradeError(
            f"the URL of {host} holds credentials, and a plan file never does",
            "leave them to Helm: helm repo add --username, helm registry login",
        )


def _refuse_secret(text: str, context: Context) -> None:
    if context.masker.text(text) != text:
        raise TykUpgradeError(
            f"a flag for Helm holds a secret, and a plan file never does: {context.masker.text(text)}",
            "let the program read it from its environment or a file",
        )


def _tuples(value: Any) -> Any:
    """JSON has only lists; the records have tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
