"""What may be done about the overrides, and what the values files warn of: on a terminal and as data."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.values import FileWarning, KeyEdit, Proposal, Risk, ValuesAdvice
from helm_tyk_upgrade.report.masking import values_value
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.values_view import key_path
from helm_tyk_upgrade.report.writing import written

_STYLES = {Risk.NONE: "good", Risk.REVIEW: "warn", Risk.BEHAVIOUR: "warn"}


def show_advice(page: Page, advice: ValuesAdvice, masker: Masker, *, all_kinds: bool = True) -> None:
    """Warnings, then proposals. Not all_kinds: without those that only tidy up (redundant values)."""
    if advice.warnings:
        page.line((f"warnings ({len(advice.warnings)})", "bold"), indent=2)
    for warning in advice.warnings:
        page.text(masker.text(warning.text), indent=4, lead=f"{masker.text(place(warning))}: ", hang=6)
    shown = [each for each in advice.proposals if all_kinds or each.kind != "remove redundant"]
    tidy = len(advice.proposals) - len(shown)
    if shown:
        page.line((f"proposed edits ({len(shown)})", "bold"), indent=2)
    for proposal in shown:
        show_proposal(page, proposal, masker)
    if tidy:
        page.text(
            f"{tidy} more would remove what only repeats a default: values --write --remove-redundant",
            "dim",
            indent=4,
            hang=6,
        )
    for proposal, reason in advice.refused:
        page.text(
            masker.text(reason), "bad", indent=4, lead=f"not made: {masker.text(key_path(proposal.path))}: "
        )


def place(warning: FileWarning) -> str:
    """`values.yaml:12`."""
    return f"{warning.file}:{warning.line}" if warning.line else warning.file


def proposal_text(
    proposal: Proposal, masker: Masker, *, colour: bool = False, width: int = 80, brief: bool = False
) -> str:
    """One proposal alone, for a question. brief: only what would be done, where the rest has been said."""
    page = Page(width)
    show_proposal(page, proposal, masker, brief=brief)
    return page.render(colour)


def show_proposal(page: Page, proposal: Proposal, masker: Masker, *, brief: bool = False) -> None:
    name = masker.text(key_path(proposal.path))
    page.text(f"{proposal.kind} {name}", _STYLES[proposal.risk], indent=4, hang=6)
    if not brief:
        page.text(masker.text(proposal.reason), indent=6)
    for edit in proposal.edits:
        page.text(edit_text(edit, masker), "note", indent=6, lead="-> ")
    if brief:
        return
    if proposal.by_hand:
        page.text(masker.text(proposal.by_hand), "warn", indent=6, lead="by hand: ")
    risk = proposal.risk.value + (f": {proposal.risk_reason}" if proposal.risk_reason else "")
    page.text(masker.text(risk), "dim", indent=6, lead="risk ")
    page.text(masker.text(proposal.source), "dim", indent=6, lead="source ")


def edit_text(edit: KeyEdit, masker: Masker) -> str:
    """`values.yaml: set a.b to 1`."""
    path, file = masker.text(key_path(edit.path)), masker.text(edit.file)
    value = written(values_value(masker, edit.path, edit.value))
    words = {
        "move": f"move {path} to {masker.text(key_path(edit.to))}",
        "delete": f"remove {path}",
        "set": f"set {path} to {value}",
        "append": f"add {value} to {path}",
    }
    return f"{file}: {words[edit.action]}"


def advice_data(advice: ValuesAdvice, masker: Masker) -> dict[str, Any]:
    """For JSON: proposals, warnings, and the refused ones."""
    return {
        "proposals": [_proposal(each, masker) for each in advice.proposals],
        "warnings": [_warning(each) for each in advice.warnings],
        "refused": [
            {"path": key_path(proposal.path), "reason": reason} for proposal, reason in advice.refused
        ],
    }


def _proposal(proposal: Proposal, masker: Masker) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": proposal.kind,
        "path": key_path(proposal.path),
        "reason": proposal.reason,
        "risk": proposal.risk.value,
        "source": proposal.source,
        "safe": proposal.safe,
        "edits": [_edit(each, masker) for each in proposal.edits],
    }
    notes = (("riskReason", proposal.risk_reason), ("byHand", proposal.by_hand))
    return {**found, **{name: text for name, text in notes if text}}


def _edit(edit: KeyEdit, masker: Masker) -> dict[str, Any]:
    found: dict[str, Any] = {"file": edit.file, "action": edit.action, "path": key_path(edit.path)}
    if edit.to:
        found["to"] = key_path(edit.to)
    if edit.action in ("set", "append"):
        found["value"] = values_value(masker, edit.path, edit.value)
    return found


def _warning(warning: FileWarning) -> dict[str, Any]:
    found: dict[str, Any] = {"file": warning.file, "kind": warning.kind, "text": warning.text}
    if warning.line:
        found["line"] = warning.line
    return found
