"""A saved plan: what was reviewed, bound by digests, without a secret in it. `apply` makes the plan again and goes on
only when nothing that it was bound to has moved."""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from helm_tyk_upgrade import __version__
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.clock import stamp
from helm_tyk_upgrade.edge.files import read_file, sha256, write_atomic
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.inputs import Request, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import is_secret_name

API_VERSION = "tyk-upgrade/v1"
KIND = "SavedPlan"
_REQUEST = frozenset(
    "release namespace version gatewayVersion chart repo catalogue values sets keepReleaseValues write policies flags"
    " settings".split()
)
_BOUND = frozenset(
    "salt cluster release revision deployed chart chartDigest helmMajor values valuesFiles editedFiles changes".split()
)
_DONE = frozenset(("revision", "deployed", "changes", "editedFiles"))
"""What differs once a plan has been carried out."""


def write_plan(plan: Plan, request: Request, path: str, context: Context) -> None:
    """Raises TykUpgradeError where the file cannot be written, or would hold credentials."""
    documents = (document for document in request.layers.documents if isinstance(document, str))
    for text in (request.chart, request.repo, request.catalogue, request.settings.probe_url, *documents):
        _refuse_credentials(text)
    flags = request.flags
    for text in (flags.description, flags.labels, flags.post_renderer, *flags.post_renderer_args):
        _refuse_secret(text, context)
    value = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "tool": __version__,
        "time": stamp(context.clock.now()),
        "request": _request(plan, request),
        "bound": bound(plan, os.urandom(16).hex(), plan.cluster),
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
        (
            flags_of(value["request"]),
            settings_of(value["request"]),
        )  # a plan of other flags is none of this version
        return dict(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TykUpgradeError(f"{path} is no plan: {error}", "make one with plan --out FILE") from error


def flags_of(saved: dict[str, Any]) -> UpgradeFlags:
    """The flags for Helm with which a saved request was planned. Raises TypeError for flags of another version."""
    return UpgradeFlags(**{name: _tuples(value) for name, value in saved["flags"].items()})


def settings_of(saved: dict[str, Any]) -> RunSettings:
    """The same for the settings of the run."""
    return RunSettings(**{name: _tuples(value) for name, value in saved["settings"].items()})


def bound(plan: Plan, salt: str, cluster: Maybe[str]) -> dict[str, Any]:
    """What must still be the same when the plan is carried out.

    Of values, files and objects, which may hold secrets, only an HMAC is kept. Its key is the cluster's identity, which
    the file does not hold: who has the file alone cannot try out passwords. Where the cluster's identity is unknown the
    key is the salt alone, and a short secret could be tried out.
    """
    identity = cluster.value if isinstance(cluster, Known) else ""
    key = f"{salt}{identity}".encode()
    return {
        "salt": salt,
        "cluster": _sealed(key, b"cluster") if identity else "",
        "release": str(plan.release),
        "revision": plan.release.revision,
        "deployed": plan.deployed,
        "chart": f"{plan.archive.name}-{plan.archive.version}",
        "chartDigest": plan.archive.digest,
        "helmMajor": plan.helm.major,
        "values": _sealed(key, json.dumps(plan.values.merged, sort_keys=True, default=str).encode()),
        "valuesFiles": {file.path: _sealed(key, file.digest.encode()) for file in plan.values.files},
        "editedFiles": {
            file.file: _sealed(key, sha256(file.after).encode()) for file in plan.values_changes.edited_files
        },
        "changes": _sealed(key, _changes(plan)),
    }


def bound_again(plan: Plan, saved: dict[str, Any]) -> dict[str, Any]:
    """The same of a plan made later, sealed so that it can be compared. A plan that was made without knowing its
    cluster is bound to the release and its deployment time alone."""
    return bound(plan, saved["salt"], plan.cluster if saved["cluster"] else Known(""))


def moved(saved: dict[str, Any], now: dict[str, Any]) -> dict[str, str]:
    """What differs, by name, in words; empty when the world is as it was planned for. In another cluster no other
    digest can be compared."""
    if saved["cluster"] != now["cluster"]:
        why = (
            "this is another one"
            if now["cluster"]
            else "which one this is cannot be told (get namespace kube-system)"
        )
        return {"cluster": f"cluster: {why}"}
    return {
        name: f"{name}: was {_short(saved.get(name))}, is {_short(now[name])}"
        for name in now
        if saved.get(name) != now[name]
    }


def carried_out(saved: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether what differs is what carrying out the plan makes differ, its own edits of files included: somebody's
    other change of a file is none of it."""
    differing = set(moved(saved, now))
    expected = {**saved["valuesFiles"], **saved["editedFiles"]}
    edited = {"values", "valuesFiles"} if saved["editedFiles"] and now["valuesFiles"] == expected else set()
    return differing <= _DONE | edited


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


def _sealed(key: bytes, data: bytes) -> str:
    return hmac.new(key, data, "sha256").hexdigest()


def _tuples(value: Any) -> Any:
    """JSON has only lists; the records have tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _short(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) < 120 else text[:117] + "..."
