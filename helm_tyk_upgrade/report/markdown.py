"""The reports as Markdown: comments on pull requests."""

from __future__ import annotations

from helm_tyk_upgrade.model.outcome import Outcome, unfinished
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report.fitting import Part, fitted
from helm_tyk_upgrade.report.markup import escaped, row
from helm_tyk_upgrade.report.plan_markdown import plan_markdown
from helm_tyk_upgrade.report.verdict_markdown import HEAD, evidence_part, verdict_rows

__all__ = ["outcome_markdown", "plan_markdown"]
_SEE = "`helm tyk-upgrade runs` has the whole journal"


def outcome_markdown(record: Outcome, masker: Masker) -> str:
    """How a run ended, within the limit of a comment."""
    verdicts = [verdict for pod in record.proof for verdict in pod.verdicts]
    proof = [
        line
        for pod in record.proof
        for line in (
            f"**{escaped(masker.text(pod.pod))}**",
            "",
            *HEAD.rstrip().split("\n"),
            *verdict_rows(pod.verdicts, masker),
            "",
        )
    ]
    ends = (("backup", record.bundle), ("next", record.next_action))
    return fitted(
        [
            _steps(record, masker),
            Part(tuple(proof), see=_SEE),
            evidence_part(verdicts, masker),
            Part(tuple(f"- {label}: {escaped(masker.text(text))}" for label, text in ends if text)),
        ]
    )


def _steps(record: Outcome, masker: Masker) -> Part:
    rows = []
    for entry in record.entries:
        if entry.result is not None:
            cells = (entry.step, entry.result.status.value, f"{entry.seconds:.1f}", entry.result.reason)
            rows.append(row(masker.text(cell) for cell in cells))
    rows += [f"| {escaped(step)} | begun, not ended | | |" for step in unfinished(record.entries)]
    ending, reason = (escaped(masker.text(text)) for text in (record.ending.value, record.reason))
    head = f"### {ending}\n\n{reason}\n\n| step | result | seconds | |\n|---|---|---:|---|\n"
    return Part(tuple(rows), head, see=_SEE)
