"""Values of manifests and values files made safe to show: the masker, and where objects keep secrets."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, FieldChange, ObjectChange, ObjectId, Path
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import Masker, is_secret_entry, is_secret_name, printable
from helm_tyk_upgrade.model.server import Drift
from helm_tyk_upgrade.report.maskyaml import mask_text

_SECRET_PARTS = ("data", "stringData")
# `key` is a secret in values (`tls: {key: ...}`); beside these fields it names an entry or a taint.
_KEY_BESIDE = frozenset(("name", "operator", "effect", "path", "optional", "values"))
_KEY_HOLDERS = frozenset(("secretKeyRef", "configMapKeyRef", "tolerations", "items", "matchExpressions"))
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_FLAG_WORD = re.compile(r"--?([A-Za-z][\w-]*)")
_STEP = re.compile(r"[^.\[\]]+")


def learn_plan(masker: Masker, plan: Plan) -> None:
    """Teach the masker every secret that the plan itself holds, before any of it is shown."""
    masker.learn_tree(plan.values.merged)
    learn_objects(masker, plan.objects.objects)
    if isinstance(plan.server.drift, Known):
        for drift in plan.server.drift.value:
            _learn_field(masker, drift.id, _drift_field(drift))


def learn_objects(masker: Masker, changes: tuple[ObjectChange, ...]) -> None:
    """Teach the masker the secrets that the changed objects themselves hold, before any of them is shown."""
    for change in changes:
        for field in change.fields:
            _learn_field(masker, change.id, field)


def _learn_field(masker: Masker, identity: ObjectId, field: FieldChange) -> None:
    for value in (field.old, field.new):
        if identity.kind == "Secret":
            masker.learn(_secret_texts(field.steps, value))
        elif not _names_a_key(field):
            masker.learn(_named_secrets(value, field.name))


def _named_secrets(value: Any, name: str) -> Iterator[str]:
    """Texts under a secret's name, as the key of a map or as the name of an environment variable."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _named_secrets(item, _known_by(value, str(key)))
    elif isinstance(value, list):
        for item in value:
            yield from _named_secrets(item, name)
    elif isinstance(value, str) and is_secret_name(name):
        yield value


def _known_by(holder: dict[str, Any], key: str) -> str:
    """What names the value at a key: the variable's name for `value` of an environment variable."""
    if key == "value" and isinstance(holder.get("name"), str):
        return str(holder["name"])
    return "" if key == "key" and _KEY_BESIDE & holder.keys() else key


def _secret_texts(steps: Path, value: Any) -> list[str]:
    parts = value if not steps and isinstance(value, dict) else {str(steps[0]): value} if steps else {}
    found = []
    for part in _SECRET_PARTS:
        held = parts.get(part)
        items = held.items() if isinstance(held, dict) else [(str(steps[-1]) if steps else "", held)]
        for key, item in items:
            text = _decoded(item) if part == "data" else item
            if isinstance(text, str) and is_secret_entry(str(key), text):
                found.append(text)
    return found


def _decoded(value: Any) -> Any:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError, TypeError):
        return value


def field_value(masker: Masker, identity: ObjectId, field: FieldChange, value: Any) -> Any:
    """One side of a field change, safe to show: a scalar, map or list; ABSENT stays ABSENT."""
    if value is ABSENT:
        return ABSENT
    if identity.kind == "Secret":
        return _secret_object(masker, field.steps, value)
    if _names_a_key(field):
        return masker.text(value) if isinstance(value, str) else value
    if field.steps[:1] == ("binaryData",):
        return _entries(masker, value, encoded=True)
    return tree(masker, value, field.name)


def drift_value(masker: Masker, drift: Drift, value: Any) -> Any:
    """The stored or the live side of a drifted field, safe to show, as `field_value` does it."""
    return field_value(masker, drift.id, _drift_field(drift), value)


def _drift_field(drift: Drift) -> FieldChange:
    """A drift has no steps; those of its path say what a mask needs: the top key, and what holds a `key`."""
    steps = tuple(_STEP.findall(drift.path))
    name = drift.name or (steps[-1] if steps else "")
    return FieldChange(drift.path, steps, drift.stored, drift.live, name=name)


def untrusted(masker: Masker, text: str) -> str:
    """A text of others on one line: secrets, control characters and line breaks cannot come through."""
    return " ".join(masker.text(text).split())


def _names_a_key(field: FieldChange) -> bool:
    return field.name == "key" and not _KEY_HOLDERS.isdisjoint(field.steps[:-1])


def _secret_object(masker: Masker, steps: Path, value: Any) -> Any:
    """Every entry of a Secret is one, whatever its name; base64 and plain text get one fingerprint."""
    if steps and steps[0] in _SECRET_PARTS:
        return _entries(masker, value, encoded=steps[0] == "data")
    if not steps and isinstance(value, dict):
        shown = {}
        for key, item in value.items():
            if key in _SECRET_PARTS:
                shown[key] = _entries(masker, item, encoded=key == "data")
            else:
                shown[printable(str(key))] = tree(masker, item, str(key))
        return shown
    return tree(masker, value, str(steps[-1]) if steps else "")


def _entries(masker: Masker, value: Any, encoded: bool) -> Any:
    if isinstance(value, dict):
        return {printable(str(key)): _entries(masker, item, encoded) for key, item in value.items()}
    if value is None or value == "":
        return value
    return masker.fingerprint(_decoded(value) if encoded else value)


def tree(masker: Masker, value: Any, name: str = "") -> Any:
    """A value known by `name` with all secrets in it masked: by key, by an `env` entry's name, in text."""
    if isinstance(value, dict):
        return _map(masker, value)
    if isinstance(value, list):
        before = ["", *value]
        return [tree(masker, item, _argument(at, name)) for at, item in zip(before, value, strict=False)]
    if name == LAST_APPLIED and isinstance(value, str):
        return _last_applied(masker, value)
    if isinstance(value, str) and not is_secret_name(name):
        pairs = any(sign in value for sign in "\n:=")
        return "\n".join(mask_text(value, masker)) if pairs else masker.text(value)
    return masker.value(name, value)


def _argument(before: Any, name: str) -> str:
    """What names an item of a list: the flag before it (`--password`, `hush`), else the list's own name."""
    flag = _FLAG_WORD.fullmatch(before) if isinstance(before, str) else None
    return flag[1].replace("-", "_") if flag else name


def _last_applied(masker: Masker, text: str) -> Any:
    """The object that kubectl keeps in an annotation: as strict as the object itself."""
    try:
        data = json.loads(text)
    except ValueError:
        return masker.fingerprint(text)
    if not isinstance(data, dict):
        return masker.fingerprint(text)
    shown = _secret_object(masker, (), data) if data.get("kind") == "Secret" else tree(masker, data)
    return json.dumps(shown, ensure_ascii=False)


def _map(masker: Masker, value: dict[str, Any]) -> dict[str, Any]:
    return {
        printable(str(key)): _binary(masker, item)
        if key == "binaryData"
        else tree(masker, item, _known_by(value, str(key)))
        for key, item in value.items()
    }


def _binary(masker: Masker, value: Any) -> Any:
    """Nobody reads base64, and nobody knows what is in it."""
    if isinstance(value, dict):
        return {printable(str(key)): _entries(masker, item, encoded=True) for key, item in value.items()}
    return tree(masker, value)


def values_value(masker: Masker, path: Path, value: Any) -> Any:
    """A value of a values file, safe to show; its name is the last key of its path."""
    if value is ABSENT:
        return ABSENT
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    return tree(masker, _by_place(masker, path, _whole(value)), name)


def _by_place(masker: Masker, path: Path, value: Any) -> Any:
    """Fingerprints for what is secret because of where it stands."""
    if value is not None and masker.hides(path):
        return masker.fingerprint(value)
    if isinstance(value, dict):
        return {key: _by_place(masker, (*path, key), item) for key, item in value.items()}
    return value


def _whole(value: Any) -> Any:
    """Numbers of values files are float64; people write 1, not 1.0."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
