"""Whether other managers own fields that a server-side apply would change. It stops at them unless it is forced.

Passes: nobody else owns such a field, or --force-conflicts is given and takes them over.
Fails: `kubectl scale` owns spec.replicas of the Deployment: Helm 4 stops with a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.server import DryRunAnswer, FieldConflict
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.model.words import count

ID = "field-conflicts"
TITLE = "Does a server-side apply stop at fields of other managers?"
DEFAULT = Policy.FAIL
HINT = "let these managers give the fields up, leave them out of the values, or take them over with --force-conflicts"


def run(facts: Facts, changes: Changes) -> Verdict:
    asked = facts.server.forward
    if isinstance(asked, Unknown):
        return unknown(ID, asked.reason)
    lines = tuple(_line(answer, field) for answer in asked.value for field in answer.conflicts)
    if lines and facts.flags.force_conflicts:
        return passed(
            ID, f"--force-conflicts takes over {count(len(lines), 'field')} of other managers", *lines
        )
    if lines:
        return failed(ID, f"{_fields(len(lines))} to {_managers(asked.value)}", *lines)
    if not server_side(facts):
        return not_applicable(ID, "Helm applies this release client-side, which knows no conflicts")
    unsure = [answer for answer in asked.value if isinstance(answer.accepted, Unknown)]
    if unsure and isinstance(unsure[0].accepted, Unknown):
        return unknown(ID, f"{count(len(unsure), 'object')} could not be asked: {unsure[0].accepted.reason}")
    return passed(ID, "no other manager owns a field that would change")


def _fields(number: int) -> str:
    return f"{count(number, 'field')} belong{'s' if number == 1 else ''}"


def _managers(answers: Iterable[DryRunAnswer]) -> str:
    names = dict.fromkeys(field.manager for answer in answers for field in answer.conflicts)
    return (
        f"other managers ({', '.join(names)})" if len(names) > 1 else f"another manager ({', '.join(names)})"
    )


def server_side(facts: Facts) -> bool:
    """As the revision before, unless --server-side says otherwise."""
    chosen = next(
        (word.partition("=")[2] for word in facts.flags.passed if word.startswith("--server-side=")), ""
    )
    return (
        chosen == "true" if chosen in ("true", "false") else facts.release.apply_method == "server-side apply"
    )


def _line(answer: DryRunAnswer, field: FieldConflict) -> str:
    since = f" since {field.time}" if field.time else ""
    return f"{answer.id} {field.path}: owned by {field.manager}{since}"
