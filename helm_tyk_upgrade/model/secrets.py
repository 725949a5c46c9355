"""The one masker. Every view, error and child process output goes through it; nothing else hides text.

A secret is known by the name of its key, by being bound to a Secret, or by equality with a known secret value.
It is shown as a fingerprint: HMAC-SHA256 under a key made for this run, so that a reader can see "changed" and
"the same as over there" but learns neither content nor length.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|^pass$|passwd|password|secret|token|api_?key|apikey|licen[cs]e|private_?key|credential"
    r"|connection_?string|dsn$|^auth$|mongo_?url|redis_?url|encryption_?key|client_?key|^key$|^tls\.key$",
    re.IGNORECASE,
)
# Keys that name a secret, point at one or merely talk about them, but hold none.
_NAMES_ONLY = re.compile(
    r"(secret|pass|key)_?(key_?)?(name|ref|path|file|type|length)$|^use_?secret_?name$|^pass_?secret$|enable|allow|^hash"
    r"|_enabled$|image_?pull_?secrets?$|^secrets$",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_FINGERPRINT = r"(?!secret:[0-9a-f]{8}\b)"
_URL_PASSWORD = re.compile(
    rf"(?P<head>[a-z][a-z0-9+.-]*://[^\s/:@]*:){_FINGERPRINT}(?P<secret>[^\s/@]+)(?=@)", re.IGNORECASE
)
_DSN_PASSWORD = re.compile(
    rf"(?P<head>\b(?:password|passwd|pwd|pass)\s*=\s*){_FINGERPRINT}(?P<secret>'[^']*'|[^\s;&'\"]+)",
    re.IGNORECASE,
)
MINIMUM = 4
"""Values shorter than this are not searched for in other text: they would match by chance everywhere."""
LINE = 12
"""Lines of a multi-line secret shorter than this are not searched for by themselves."""


def is_secret_name(name: str) -> bool:
    """Whether a key of this name holds a secret. Compares the last part of dotted and underscored names too."""
    return bool(_SECRET_NAME.search(name)) and not _NAMES_ONLY.search(name)


def printable(text: str) -> str:
    """Untrusted text with control characters, escapes and direction marks written as visible `\\x1b`-like text."""
    return _CONTROL.sub(
        lambda match: f"\\x{ord(match[0]):02x}" if ord(match[0]) < 256 else f"\\u{ord(match[0]):04x}", text
    )


class Masker:
    """Knows the secret values of a run. Not a record: it learns while the run gathers."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or os.urandom(32)
        self._values: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def fingerprint(self, value: object) -> str:
        """`secret:1a2b3c4d`, equal for equal values of one run."""
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
        return "secret:" + hmac.new(self._key, text.encode(), "sha256").hexdigest()[:8]

    def learn(self, values: Iterable[str]) -> None:
        """Remember secret values, with the forms in which they travel: base64, URL-quoted, JSON-quoted, and line by
        line, because a manifest indents them anew."""
        for value in values:
            if len(value) < MINIMUM or value.lower() in ("true", "false", "null", "none"):
                continue
            tag = self.fingerprint(value)
            lines = [line.strip() for line in value.splitlines()] if "\n" in value.strip() else []
            for form in (*_forms(value), *(line for line in lines if len(line) >= LINE)):
                self._values.setdefault(form, tag)
        self._pattern = None

    def learn_tree(self, tree: Any) -> None:
        """Remember every secret of a values tree, found by key name, and passwords inside URLs and DSNs."""
        self.learn(_secrets_of(tree))

    def text(self, text: str) -> str:
        """Safe to show: known secrets replaced, passwords in URLs and DSNs replaced, control characters visible."""
        # First those with a place of their own, so that a known secret there keeps its one fingerprint.
        text = _URL_PASSWORD.sub(
            lambda match: match["head"] + self.fingerprint(unquote(match["secret"])), text
        )
        text = _DSN_PASSWORD.sub(
            lambda match: match["head"] + self.fingerprint(match["secret"].strip("'")), text
        )
        if self._values:
            if self._pattern is None:
                forms = sorted(self._values, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, forms)))
            text = self._pattern.sub(lambda match: self._values[match[0]], text)
        return printable(text)

    def value(self, name: str, value: Any) -> Any:
        """A value found under a key: masked when the key's name says so, searched for known secrets otherwise."""
        if isinstance(value, dict):
            return {
                printable(str(key)): self.value(
                    "" if key == "key" and _is_reference(value) else str(key), item
                )
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(name, item) for item in value]
        if (
            is_secret_name(name)
            and isinstance(value, (str, int, float))
            and not isinstance(value, bool)
            and value != ""
        ):
            return self.fingerprint(value if isinstance(value, str) else _number(value))
        return self.text(value) if isinstance(value, str) else value


def _forms(value: str) -> tuple[str, ...]:
    return (
        value,
        base64.b64encode(value.encode()).decode(),
        quote(value, safe=""),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
    )


def _is_reference(tree: dict[Any, Any]) -> bool:
    """Whether `key` names something here (a toleration, a secretKeyRef) instead of being a private key."""
    return any(name in tree for name in ("operator", "effect", "name", "tolerationSeconds", "values"))


def _secrets_of(tree: Any, name: str = "") -> Iterable[str]:
    if isinstance(tree, dict):
        env_name = tree.get("name")
        for key, item in tree.items():
            holder = str(env_name) if key == "value" and isinstance(env_name, str) else str(key)
            if not (key == "key" and _is_reference(tree)):
                yield from _secrets_of(item, holder)
    elif isinstance(tree, list):
        for item in tree:
            yield from _secrets_of(item, name)
    elif isinstance(tree, (int, float)) and not isinstance(tree, bool):
        if is_secret_name(name):
            yield _number(tree)
    elif isinstance(tree, str):
        if is_secret_name(name):
            yield tree
        yield from (unquote(match["secret"]) for match in _URL_PASSWORD.finditer(tree))
        yield from (match["secret"].strip("'") for match in _DSN_PASSWORD.finditer(tree))


def _number(value: float) -> str:
    """As it is written: Helm reads every number as a float."""
    return str(int(value)) if float(value).is_integer() else repr(value)
