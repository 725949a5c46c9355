"""What of a step's result goes into the journal: it is a file, so secrets are masked here, not only in the views."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from helm_tyk_upgrade.model.outcome import StepResult
from helm_tyk_upgrade.model.secrets import Masker

_AS_THEY_ARE = ("bundle", "folder", "proof")
"""Facts that are read back: our own paths, and proofs, whose texts are masked one by one (a status is no text)."""


def masked(result: StepResult, masker: Masker) -> StepResult:
    """The result with known secrets replaced in its reason and in the texts among its facts; keys stay, they are
    names and ids that are compared."""
    facts = tuple(
        (name, value if name in _AS_THEY_ARE else _masked(value, masker)) for name, value in result.facts
    )
    return replace(result, reason=masker.text(result.reason), facts=facts)


def _masked(value: Any, masker: Masker) -> Any:
    if isinstance(value, str):
        return masker.text(value)
    if isinstance(value, dict):
        return {key: _masked(item, masker) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, masker) for item in value]
    return value
