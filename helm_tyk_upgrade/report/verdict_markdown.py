"""Verdicts of checks as Markdown: a table, and the evidence of those that did not pass, folded."""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Status, Verdict
from helm_tyk_upgrade.report.fitting import Part, diff_part, table_part
from helm_tyk_upgrade.report.markup import code, escaped
from helm_tyk_upgrade.report.verdict_view import LOUD

ICONS = {
    Status.PASS: "✅ pass",
    Status.FAIL: "❌ fail",
    Status.UNKNOWN: "⚠️ unknown",
    Status.NOT_APPLICABLE: "➖ n/a",
}
HEAD = "| check | | |\n|---|---|---|\n"
_SEE = "`helm tyk-upgrade plan --show checks` shows all"


def verdict_rows(verdicts: Iterable[Verdict], masker: Masker) -> tuple[str, ...]:
    rows = []
    for verdict in verdicts:
        text = verdict.reason + (f" → {verdict.hint}" if verdict.hint else "")
        rows.append(f"| {code(verdict.check)} | {ICONS[verdict.status]} | {escaped(masker.text(text))} |")
    return tuple(rows)


def verdict_parts(verdicts: Iterable[Verdict], masker: Masker) -> tuple[Part, Part]:
    """Those that failed or are unknown without blocking, open; the others, folded. What blocks stands on its own."""
    listed = [verdict for verdict in verdicts if not verdict.blocks]
    loud = verdict_rows((verdict for verdict in listed if verdict.status in LOUD), masker)
    quiet = [verdict for verdict in listed if verdict.status not in LOUD]
    passed = sum(verdict.status is Status.PASS for verdict in quiet)
    title = f"Checks passed ({passed}), not applicable ({len(quiet) - passed})"
    return (
        Part(loud, HEAD if loud else "", see=_SEE),
        table_part(title, HEAD.rstrip(), verdict_rows(quiet, masker), _SEE),
    )


def evidence_part(verdicts: Iterable[Verdict], masker: Masker) -> Part:
    """What a reader can verify about the checks that did not pass."""
    lines: list[str] = []
    for verdict in verdicts:
        if verdict.status in LOUD and verdict.evidence:
            lines += [f"@@ {verdict.check} @@", *(f"  {masker.text(line)}" for line in verdict.evidence)]
    return diff_part("Evidence", lines, _SEE)
