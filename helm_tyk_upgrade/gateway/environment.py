"""The environment of a container as its process will see it. Pure.

Later entries win over earlier ones of the same name, `$(NAME)` takes the value of an earlier entry and
`$$(NAME)` is the text `$(NAME)`: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.model.gateway import SecretRef

_REFERENCE = re.compile(r"\$(\$|\(([^)]*)\))")


@dataclass(frozen=True)
class Elsewhere:
    """The value is in another object or known only to the running pod."""

    secret: SecretRef | None = None


Variable = str | Elsewhere


@dataclass(frozen=True)
class Environment:
    """variables by name; imported: whether `envFrom` may define names that are not in it."""

    variables: Mapping[str, Variable]
    imported: bool = False

    def text(self, name: str, default: str = "") -> str:
        value = self.variables.get(name, default)
        return value if isinstance(value, str) else default

    def number(self, name: str) -> int | None:
        text = self.text(name).strip()
        return int(text) if text.isdigit() else None

    def flag(self, name: str) -> bool:
        """As Go's strconv.ParseBool reads it."""
        return self.text(name) in ("1", "t", "T", "true", "TRUE", "True")

    def hidden(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the names whose values cannot be seen here."""
        return tuple(
            name
            for name in names
            if isinstance(self.variables.get(name), Elsewhere)
            or (self.imported and name not in self.variables)
        )


def environment_of(container: Mapping[str, Any]) -> Environment:
    variables: dict[str, Variable] = {}
    for entry in container.get("env") or ():
        name = str(entry.get("name") or "")
        if entry.get("valueFrom"):
            variables[name] = Elsewhere(_secret(entry["valueFrom"]))
        else:
            variables[name] = _expanded(str(entry.get("value") or ""), variables)
    return Environment(variables, imported=bool(container.get("envFrom")))


def _secret(source: Mapping[str, Any]) -> SecretRef | None:
    reference = source.get("secretKeyRef")
    if not isinstance(reference, dict):
        return None
    return SecretRef(str(reference.get("name") or ""), str(reference.get("key") or ""))


def _expanded(text: str, earlier: Mapping[str, Variable]) -> Variable:
    if "$" not in text:
        return text
    references = [match[2] for match in _REFERENCE.finditer(text) if match[1] != "$"]
    if any(isinstance(earlier.get(name), Elsewhere) for name in references):
        return Elsewhere()

    def replacement(match: re.Match[str]) -> str:
        if match[1] == "$":
            return "$"
        value = earlier.get(match[2])
        return value if isinstance(value, str) else match[0]

    return _REFERENCE.sub(replacement, text)
