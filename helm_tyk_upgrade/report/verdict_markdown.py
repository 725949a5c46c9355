"""Verdicts of checks as Markdown: a table, and the evidence of those that did not pass, folded."""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Status, Verdict
from helm_tyk_upgrade.report.fitting import Part, diff_part, table_part
from helm_tyk_upgrade.report.markup import code, escaped
from helm_tyk_upgrade.report.verdict_view import LOUD, word_of

ICONS = {
    Status.PASS: "✅ pass",
    Status.FAIL: "❌ fail",
    Status.UNKNOWN: "⚠️ unknown",
    Status.NOT_APPLICABLE: "➖ n/a",
}
_SOFT = {"WARN": "⚠️ warn", "ignored": "➖ ignored"}
HEAD = "| check | | |\n|---|---|---|\n"
_SEE = "`helm tyk-upgrade plan --show checks` shows all"


def verdict_rows(verdicts: Iterable[Verdict], masker: Masker, *, policies: bool = False) -> tuple[str, ...]:
    """policies: a check that fails without blocking is a warning; not so in a proof."""
    rows = []
    for verdict in verdicts:
        text = verdict.reason + (f" → {verdict.hint}" if verdict.hint else "")
        rows.append(f"| {code(verdict.check)} | {_icon(verdict, policies)} | {escaped(masker.text(text))} |")
    return tuple(rows)


def _icon(verdict: Verdict, policies: bool) -> str:
    word = word_of(verdict, policies=policies)[0]
    return _SOFT.get(word, ICONS[verdict.status])


def warning_part(verdicts: Iterable[Verdict], masker: Masker) -> Part:
    """Those that failed or are unknown without blocking; what blocks stands on its own."""
    loud = [verdict for verdict in verdicts if verdict.status in LOUD and not verdict.blocks]
    rows = verdict_rows(loud, masker, policies=True)
    return Part(rows, HEAD if rows else "", see=_SEE)


def quiet_part(verdicts: Iterable[Verdict], masker: Masker) -> Part:
    """Those that passed or are not applicable, folded."""
    quiet = [verdict for verdict in verdicts if verdict.status not in LOUD]
    passed = sum(verdict.status is Status.PASS for verdict in quiet)
    title = f"Checks passed ({passed}), not applicable ({len(quiet) - passed})"
    return table_part(title, HEAD.rstrip(), verdict_rows(quiet, masker), _SEE)


def evidence_part(verdicts: Iterable[Verdict], masker: Masker) -> Part:
    """What a reader can verify about the checks that did not pass."""
    lines: list[str] = []
    for verdict in verdicts:
        evidence = [line for line in verdict.evidence if line != verdict.reason]
        if verdict.status in LOUD and evidence:
            lines += [f"@@ {verdict.check} @@", *(f"  {masker.text(line)}" for line in evidence)]
    return diff_part("Evidence", lines, _SEE)
