"""The one masker. Every view, error and child process output goes through it; nothing else hides text.

A secret is known by the name of its key, by being bound to a Secret, or by equality with a known secret value.
It is shown as a fingerprint: HMAC-SHA256 under a key made for this run, so that a reader can see "changed" and
"the same as over there" but learns neither content nor length.
"""

from __future__ import annotations

import base64
import hmac
import html
import json
import os
import re
import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from helm_tyk_upgrade.model.secret_places import (
    FLAG,
    HARMLESS,
    PLACED,
    PRIVATE_KEY,
    is_secret_entry,
    is_secret_name,
    printable,
)

__all__ = ["Masker", "is_reference", "is_secret_entry", "is_secret_name", "known_as", "printable", "texts_of"]

MINIMUM = 4
"""Values shorter than this are not searched for in other text: they would match by chance everywhere."""
LINE = 12
"""Lines of a multi-line secret shorter than this are not searched for by themselves."""


class Masker:
    """Knows the secret values of a run. Not a record: it learns while the run gathers."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or os.urandom(32)
        self._values: dict[str, str] = {}
        self._paths: set[tuple[str | int, ...]] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

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
            lines = [line.strip() for line in value.splitlines()] if "\n" in value else []
            for form in (
                *_forms(value),
                *self._masked_urls(value),
                *(line for line in lines if len(line) >= LINE),
            ):
                with self._lock:
                    self._values.setdefault(form, tag)
                    self._pattern = None

    def learn_tree(self, tree: Any) -> None:
        """Remember every secret of a values tree, found by key name, and passwords inside URLs and DSNs."""
        self.learn(_secrets_of(tree))

    def learn_paths(self, paths: Iterable[tuple[str | int, ...]]) -> None:
        """Values at these paths are secret whatever their names, those below them too (a `secrets://` document)."""
        self._paths.update(paths)

    def hides(self, path: tuple[str | int, ...]) -> bool:
        """Whether the value at a path is secret by its place."""
        return any(path[:depth] in self._paths for depth in range(1, len(path) + 1))

    def text(self, text: str) -> str:
        """Safe to show: known secrets replaced, passwords in URLs and DSNs replaced, control characters visible."""
        # First those with a place of their own, so that a known secret there keeps its one fingerprint.
        text = self._placed(self.without_private_keys(text))
        if "-" in text and " " in text:
            text = FLAG.sub(self._hidden_flag, text)
        if self._values:
            text = self._known().sub(lambda match: self._values[match[0]], text)
        return printable(text)

    def _placed(self, text: str) -> str:
        small = text.lower()
        for sign, place in PLACED:
            if sign in small:
                text = place.sub(self._hidden, text)
        return text

    def _masked_urls(self, value: str) -> tuple[str, ...]:
        """A secret URL as it is when its password was hidden by its place: the rest of it is still to be found."""
        masked = self._placed(value) if "://" in value else value
        return () if masked == value else (masked,)

    def _known(self) -> re.Pattern[str]:
        """Any known secret. Another thread may learn more meanwhile: what was made of fewer is not kept."""
        with self._lock:
            if self._pattern is None:
                self._pattern = re.compile(_any_of(sorted(self._values, key=len, reverse=True)))
            return self._pattern

    def _hidden(self, match: re.Match[str]) -> str:
        secret = _bare(match["secret"])
        return match[0] if secret.lower() in HARMLESS else match["head"] + self.fingerprint(unquote(secret))

    def _hidden_flag(self, match: re.Match[str]) -> str:
        if not is_secret_name(match["name"].replace("-", "_")) or _is_fingerprint(match["secret"]):
            return match[0]
        return self._hidden(match)

    def without_private_keys(self, text: str) -> str:
        """The body of a PEM key line by line, so that the text keeps its lines."""
        if "PRIVATE KEY" not in text:
            return text
        return PRIVATE_KEY.sub(lambda match: match[1] + self._lines(match[2]) + match[3], text)

    def _lines(self, body: str) -> str:
        return "\n".join(self._line(line) for line in body.split("\n"))

    def _line(self, line: str) -> str:
        core = line.strip()
        if len(core) < MINIMUM or _is_fingerprint(core):
            return line
        return line.replace(core, self.fingerprint(core))

    def value(self, name: str, value: Any) -> Any:
        """A value found under a key: masked when the key's name says so, searched for known secrets otherwise."""
        if isinstance(value, dict):
            return {
                printable(str(key)): self.value(
                    "" if key == "key" and is_reference(value) else known_as(str(key), name), item
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


def texts_of(tree: Any) -> Iterator[str]:
    """All texts and numbers of a tree, as they may turn up in other text."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list):
        for item in tree:
            yield from texts_of(item)
    elif isinstance(tree, str):
        yield tree
    elif isinstance(tree, (int, float)) and not isinstance(tree, bool):
        yield _number(tree)


def _forms(value: str) -> tuple[str, ...]:
    encoded = value.encode("utf-8", "surrogatepass")
    return (
        value,
        base64.b64encode(encoded).decode(),
        base64.urlsafe_b64encode(encoded).decode(),
        base64.b64encode(encoded + b"\n").decode(),
        *(_inside_base64(encoded) if len(encoded) >= LINE else ()),
        quote(encoded, safe=""),
        quote(encoded),
        quote_plus(encoded),
        html.escape(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
    )


def _any_of(forms: Iterable[str], depth: int = 2) -> str:
    """A pattern for the first of the forms that fits, sorted by their first signs: tried one after another at each
    place of a long text, a hundred forms would take seconds."""
    if not depth:
        return "|".join(map(re.escape, forms))
    groups: dict[str, list[str]] = {}
    for form in forms:
        groups.setdefault(form[0], []).append(form[1:])
    return "|".join(f"{re.escape(sign)}(?:{_any_of(rest, depth - 1)})" for sign, rest in groups.items())


def _inside_base64(secret: bytes) -> tuple[str, ...]:
    """How the secret looks in the base64 of a longer text (`user:secret`, a whole file), by its place modulo 3: the
    characters that its neighbours have no part in."""
    found = []
    for place in range(3):
        text = base64.b64encode(b"\0" * place + secret).decode().rstrip("=")
        spare = (place + len(secret)) % 3
        found.append(text[(0, 2, 3)[place] : len(text) - 1 if spare else len(text)])
    return tuple(found)


def _bare(text: str) -> str:
    """Without the quotes around it, escaped ones too."""
    return text.removeprefix("\\").removesuffix('"').removesuffix("\\").strip("'\"")


def _is_fingerprint(text: str) -> bool:
    return re.match(r"secret:[0-9a-f]{8}\b", text) is not None


def is_reference(tree: dict[Any, Any]) -> bool:
    """Whether `key` names something here (a toleration, a secretKeyRef) instead of being a private key."""
    return any(name in tree for name in ("operator", "effect", "name", "tolerationSeconds", "values"))


_HOLDS_SECRETS = re.compile(
    r"(pass(word|wd|phrase)?|secret|token|credential|(api|private|signing|access)_?key)s$", re.IGNORECASE
)
_PLAIN_PART = re.compile(
    r"^(name|namespace|kind|type|key|path|items|optional|enabled?|(default_?)?mode|mount_?path|sub_?path|labels|annotations"
    r"|user(_?name)?|host|port|audience|expiration_?seconds|ttl|create|secret_?name)$",
    re.IGNORECASE,
)


def known_as(key: str, holder: str) -> str:
    """The name that tells whether the value at a key is a secret: below a map named for several (`tokens: {a: ...}`)
    that of the map, but for the keys that describe one."""
    plain = is_secret_name(key) or not _HOLDS_SECRETS.search(holder) or not is_secret_name(holder)
    return key if plain or _PLAIN_PART.search(key) else holder


def _secrets_of(tree: Any, name: str = "") -> Iterable[str]:
    if isinstance(tree, dict):
        env_name = tree.get("name")
        for key, item in tree.items():
            named = key == "value" and isinstance(env_name, str)
            holder = str(env_name) if named else known_as(str(key), name)
            if not (key == "key" and is_reference(tree)):
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
        for _, place in PLACED:
            for match in place.finditer(tree):
                yield from {_bare(match["secret"]), unquote(_bare(match["secret"]))} - HARMLESS


def _number(value: float) -> str:
    """As it is written: Helm reads every number as a float."""
    return str(int(value)) if float(value).is_integer() else repr(value)
