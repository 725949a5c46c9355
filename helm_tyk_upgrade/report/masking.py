"""Values of manifests and values files made safe to show: the masker, and where objects keep secrets."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from helm_tyk_upgrade.model.change import ABSENT, FieldChange, ObjectChange, ObjectId, Path
from helm_tyk_upgrade.model.secrets import Masker, is_secret_name, printable
from helm_tyk_upgrade.report.maskyaml import mask_text

_SECRET_PARTS = ("data", "stringData")
# `key` is a secret in values (`tls: {key: ...}`); beside these fields it names an entry or a taint.
_KEY_BESIDE = frozenset(("name", "operator", "effect", "path", "optional", "values"))
_KEY_HOLDERS = frozenset(("secretKeyRef", "configMapKeyRef", "tolerations", "items", "matchExpressions"))
_PLAIN = re.compile(r"[^\s\[\]{}\"'&*!|>%@`#:]([^\n]*[^\s:])?")
_LOOKS_TYPED = re.compile(
    r"[-+]?\.?[0-9][-+0-9a-fA-FxXoO_:.]*|true|false|null|yes|no|on|off|~", re.IGNORECASE
)
_FLOW_SIGNS = re.compile(r"[,\[\]{}]|: |#|:$")


def learn_objects(masker: Masker, changes: tuple[ObjectChange, ...]) -> None:
    """Teach the masker the secrets that the changed objects themselves hold, before any of them is shown."""
    for change in changes:
        for field in change.fields:
            for value in (field.old, field.new):
                if change.id.kind == "Secret":
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
            # Not every entry of a Secret is one: a short plain word learned here would be hidden everywhere.
            if isinstance(text, str) and (
                is_secret_name(str(key)) or (len(text) >= 16 and "://" not in text)
            ):
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
    return tree(masker, value, field.name)


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
        return [tree(masker, item, name) for item in value]
    if isinstance(value, str) and not is_secret_name(name):
        pairs = any(sign in value for sign in "\n:=")
        return "\n".join(mask_text(value, masker)) if pairs else masker.text(value)
    return masker.value(name, value)


def _map(masker: Masker, value: dict[str, Any]) -> dict[str, Any]:
    return {
        printable(str(key)): tree(masker, item, _known_by(value, str(key))) for key, item in value.items()
    }


def values_value(masker: Masker, path: Path, value: Any) -> Any:
    """A value of a values file, safe to show; its name is the last key of its path."""
    if value is ABSENT:
        return ABSENT
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    return tree(masker, _whole(value), name)


def _whole(value: Any) -> Any:
    """Numbers of values files are float64; people write 1, not 1.0."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def written(value: Any) -> str:
    """A masked value on one line, as YAML would write it: text without quotes where no one can mistake it."""
    if value is ABSENT:
        return "(none)"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _LOOKS_TYPED.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _flow(value: Any) -> str:
    text = written(value)
    bare = isinstance(value, str) and not text.startswith('"')
    return json.dumps(value, ensure_ascii=False) if bare and _FLOW_SIGNS.search(text) else text


def block(value: Any, width: int) -> list[str]:
    """A masked value as lines: one where it fits, else maps and lists spread out as YAML."""
    one = written(value)
    if isinstance(value, str):
        return ["|", *("  " + line for line in value.rstrip("\n").split("\n"))] if "\n" in value else [one]
    if not isinstance(value, (dict, list)) or len(one) <= min(width, 60) or not value:
        return [one]
    if isinstance(value, list):
        spread = [block(item, width - 2) for item in value]
        return [line for inner in spread for line in ("- " + inner[0], *("  " + more for more in inner[1:]))]
    return [line for key, item in value.items() for line in _entry(str(key), item, width)]


def _entry(key: str, item: Any, width: int) -> list[str]:
    inner = block(item, width - 2)
    spread = isinstance(item, (dict, list)) and inner[0][:1] not in "{["
    if len(inner) == 1 and not spread and len(key) + 2 + len(inner[0]) <= width:
        return [f"{key}: {inner[0]}"]
    if inner[0] == "|":
        return [f"{key}: |", *inner[1:]]
    if not isinstance(item, (dict, list)):
        return [f"{key}: {inner[0]}", *inner[1:]]
    return [f"{key}:", *("  " + line for line in inner)]
