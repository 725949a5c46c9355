"""Overrides, warnings and proposals as rows of Markdown tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.change import Judgement, Override
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.values import FileWarning, Proposal
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.advice_view import edit_text, place
from helm_tyk_upgrade.report.markup import code, escaped, row
from helm_tyk_upgrade.report.masking import values_value
from helm_tyk_upgrade.report.values_view import key_path
from helm_tyk_upgrade.report.writing import written

OVERRIDE_HEAD = "| key | judgement | yours | new default | |\n|---|---|---|---|---|"
PROPOSAL_HEAD = "| why | edit | risk | source |\n|---|---|---|---|"
_QUIET = (Judgement.KEPT, Judgement.REDUNDANT)


def override_rows(overrides: Iterable[Override], masker: Masker) -> tuple[str, ...]:
    """Those that need a look."""
    return tuple(_override(override, masker) for override in overrides if override.judgement not in _QUIET)


def _override(override: Override, masker: Masker) -> str:
    new = override.new_default
    shown = written(values_value(masker, override.path, new.value)) if isinstance(new, Known) else "unknown"
    yours = written(values_value(masker, override.path, override.yours))
    key = code(masker.text(key_path(override.path)))
    reason = escaped(masker.text(override.reason))
    return f"| {key} | {override.judgement.value} | {code(yours)} | {code(shown)} | {reason} |"


def quiet_note(overrides: Iterable[Override]) -> str:
    """How many need no look; empty where all do."""
    quiet = sum(override.judgement in _QUIET for override in overrides)
    return f"{count(quiet, 'override')} kept or redundant" if quiet else ""


def warning_rows(warnings: Iterable[FileWarning], masker: Masker) -> tuple[str, ...]:
    return tuple(
        f"- ⚠️ {code(masker.text(place(each)))} {escaped(masker.text(each.text))}" for each in warnings
    )


def proposal_rows(proposals: Iterable[Proposal], masker: Masker) -> tuple[str, ...]:
    """Why, what, how risky, and who says so."""
    return tuple(_proposal(each, masker) for each in proposals)


def _proposal(proposal: Proposal, masker: Masker) -> str:
    edits = "; ".join(edit_text(edit, masker) for edit in proposal.edits) or f"by hand: {proposal.by_hand}"
    risk = proposal.risk.value + (f": {proposal.risk_reason}" if proposal.risk_reason else "")
    cells = (f"{proposal.kind}: {proposal.reason}", edits, risk, proposal.source)
    return row(masker.text(cell) for cell in cells)
