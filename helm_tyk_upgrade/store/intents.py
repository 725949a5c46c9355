"""What a run set out to do, as a file of its bundle: with it and the journal the run can be resumed.

It holds the values that Helm will be given, secrets among them, and therefore lies where values files do: in the bundle
(0600 in 0700 folders), nowhere else. Local values files are kept as the bytes they will have, so that a resumed run
hands Helm exactly what was planned, whatever happened to the files meanwhile.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.chart import ChartArchive
from helm_tyk_upgrade.model.inputs import Layers, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.intent import Intent, WayBack
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.pods import WorkloadRef
from helm_tyk_upgrade.model.release import Release

NAME = "run/intent.json"
CHART = "run/chart.tgz"
API_VERSION = "tyk-upgrade/v1"
_IN_JOURNAL = Unknown("the run was resumed; its journal has the baseline")
_Record = TypeVar("_Record")


@dataclass(frozen=True)
class KeptRun:
    """What a Run is made of, clients and journal apart. intent: None for a rollback."""

    release: Release
    settings: RunSettings
    way_back: WayBack
    intent: Intent | None


def encode(kept: KeptRun) -> bytes:
    back = kept.way_back
    value = {
        "apiVersion": API_VERSION,
        "kind": "Intent",
        "release": asdict(kept.release),
        "settings": asdict(kept.settings),
        "wayBack": {
            "revision": back.revision,
            "files": [_edited_value(file) for file in back.files],
            "gateway": _maybe_value(back.gateway),
            "flags": asdict(back.flags),
            "bundle": back.bundle,
        },
        "upgrade": None if kept.intent is None else _intent_value(kept.intent),
    }
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def decode(data: bytes) -> KeptRun:
    """The inverse. Raises TykUpgradeError for what is none, or of another version of this program."""
    try:
        value = json.loads(data)
        if (value["apiVersion"], value["kind"]) != (API_VERSION, "Intent"):
            raise ValueError(f"it is a {value['kind']} of {value['apiVersion']}")
        return KeptRun(
            release=_record(Release, value["release"]),
            settings=_record(RunSettings, value["settings"]),
            way_back=_way_back(value["wayBack"]),
            intent=None if value["upgrade"] is None else _intent(value["upgrade"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise TykUpgradeError(
            f"what the run set out to do cannot be read: {type(error).__name__} {error}",
            "`helm tyk-upgrade rollback --bundle` goes back with the rest of the bundle",
        ) from error


def _intent_value(intent: Intent) -> dict[str, Any]:
    planned = {file.path: file.data for file in intent.files} | {
        file.file: file.after for file in intent.edited
    }
    documents = [
        planned.get(document, document) if isinstance(document, str) else document
        for document in intent.layers.documents
    ]
    return {
        "archive": asdict(intent.archive),
        "documents": [_document_value(document) for document in documents],
        "sets": [list(pair) for pair in intent.layers.sets],
        "flags": asdict(intent.flags),
        "manifest": intent.manifest,
        "moving": [asdict(ref) for ref in sorted(intent.moving, key=str)],
        "gateway": _maybe_value(intent.gateway),
        "files": [
            {"path": _absolute(file.path), "data": _text(file.data), "digest": file.digest, "mode": file.mode}
            for file in intent.files
        ],
        "edited": [_edited_value(file) for file in intent.edited],
        "lossAccepted": intent.loss_accepted,
    }


def _intent(value: Mapping[str, Any]) -> Intent:
    return Intent(
        archive=_record(ChartArchive, value["archive"]),
        layers=Layers(tuple(map(_document, value["documents"])), _tuples(value["sets"])),
        flags=_record(UpgradeFlags, value["flags"]),
        manifest=value["manifest"],
        moving=frozenset(_record(WorkloadRef, item) for item in value["moving"]),
        gateway=_maybe(value["gateway"]),
        files=tuple(_record(ValuesFile, {**item, "data": _bytes(item["data"])}) for item in value["files"]),
        edited=tuple(map(_edited, value["edited"])),
        baseline=_IN_JOURNAL,
        loss_accepted=value["lossAccepted"],
    )


def _way_back(value: Mapping[str, Any]) -> WayBack:
    return WayBack(
        revision=value["revision"],
        files=tuple(map(_edited, value["files"])),
        gateway=_maybe(value["gateway"]),
        flags=_record(UpgradeFlags, value["flags"]),
        bundle=value["bundle"],
    )


def _edited_value(file: EditedFile) -> dict[str, Any]:
    """The single edits are for the plan's reader; what is written are the bytes."""
    return {
        "file": _absolute(file.file),
        "before": _text(file.before),
        "after": _text(file.after),
        "digest_before": file.digest_before,
    }


def _edited(value: Mapping[str, Any]) -> EditedFile:
    before, after = _bytes(value["before"]), _bytes(value["after"])
    return EditedFile(value["file"], before, after, value["digest_before"], ())


def _absolute(path: str) -> str:
    """A run may be resumed from another folder."""
    return str(Path(path).absolute())


def _document_value(document: str | bytes) -> dict[str, str]:
    return {"url": document} if isinstance(document, str) else {"data": _text(document)}


def _document(value: Mapping[str, str]) -> str | bytes:
    return value["url"] if "url" in value else _bytes(value["data"])


def _maybe_value(value: Maybe[str]) -> dict[str, str]:
    return {"value": value.value} if isinstance(value, Known) else {"unknown": value.reason}


def _maybe(value: Mapping[str, str]) -> Maybe[str]:
    return Known(value["value"]) if "value" in value else Unknown(value["unknown"])


def _record(kind: type[_Record], value: Mapping[str, Any]) -> _Record:
    """A flat record from its fields. Raises TypeError where they are those of another version."""
    return kind(**{name: _tuples(item) for name, item in value.items()})


def _tuples(value: Any) -> Any:
    """JSON has only lists; the records have tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
