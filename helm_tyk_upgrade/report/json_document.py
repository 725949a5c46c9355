"""One JSON document of `tyk-upgrade/v1`: the only writer of JSON for programs, and the forms that its parts share.

Three-valued answers are `{"value": ...}` or `{"unknown": "reason"}`; a side that is not there is left out, null is
a value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from helm_tyk_upgrade.model.change import ABSENT, ObjectId
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Verdict

API_VERSION = "tyk-upgrade/v1"
T = TypeVar("T")


def document(kind: str, body: Mapping[str, Any], masker: Masker) -> str:
    """The JSON text, without a final newline. Every string passes the masker once more here, whoever put it in."""
    shown = _masked({"apiVersion": API_VERSION, "kind": kind, **body}, masker)
    return json.dumps(shown, indent=2, ensure_ascii=False)


def _masked(value: Any, masker: Masker) -> Any:
    if isinstance(value, Mapping):
        return {masker.text(str(key)): _masked(item, masker) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, masker) for item in value]
    if isinstance(value, str):
        return masker.text(value)
    return value


def chosen(choice: Chosen) -> dict[str, Any]:
    passed_over = [{"version": version, "reason": reason} for version, reason in choice.passed_over]
    return {"version": choice.version, "reason": choice.reason, "passedOver": passed_over}


def maybe(answer: Maybe[T], shape: Callable[[T], Any] = lambda value: value) -> dict[str, Any]:
    """An answer; shape: how to write the value."""
    return {"value": shape(answer.value)} if isinstance(answer, Known) else {"unknown": answer.reason}


def sides(old: Any, new: Any) -> dict[str, Any]:
    """Both sides of a change. null is a value, so what is not there is said by leaving the side out."""
    return {name: value for name, value in (("old", old), ("new", new)) if value is not ABSENT}


def filled(**fields: str) -> dict[str, str]:
    """Those of the texts that say something."""
    return {name: text for name, text in fields.items() if text}


def object_id(identity: ObjectId) -> dict[str, Any]:
    namespace = {"namespace": identity.namespace} if identity.namespace else {}
    return {"apiVersion": identity.api_version, "kind": identity.kind, "name": identity.name, **namespace}


def verdict_list(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    return [
        {
            "check": verdict.check,
            "status": verdict.status.value,
            "policy": verdict.policy.value,
            "blocks": verdict.blocks,
            "reason": verdict.reason,
            "evidence": list(verdict.evidence),
            "hint": verdict.hint,
        }
        for verdict in verdicts
    ]
