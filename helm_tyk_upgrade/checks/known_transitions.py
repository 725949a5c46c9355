"""Whether a known change between the old and the new versions meets this release.

Passes: 5.13.0 -> 5.13.1 with a chart that changes nothing else: one record is crossed and only tells of log lines.
Fails: chart 4.1.1 -> 5.3.0: the client's address is now the last entry of X-Forwarded-For.
Unknown: the running gateway could not be asked for its APIs, and some changes concern only APIs of one kind.
"""

from __future__ import annotations

from collections.abc import Sequence

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.knowledge import CHART_NOT_SUPPORTED, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.model.words import count

ID = "known-transitions"
TITLE = "Does a known change of these versions meet this release?"
DEFAULT = Policy.WARN
HINT = "do what each one says before the upgrade, or try it on a copy of the release"


def run(facts: Facts, changes: Changes) -> Verdict:
    if isinstance(facts.transitions, Unknown):
        return unknown(ID, facts.transitions.reason)
    crossed = [one for one in facts.transitions.value if one.id != CHART_NOT_SUPPORTED]
    if not crossed:
        return not_applicable(ID, "no version moves across a change that is on record")
    mine = [one for one in crossed if one.severity != "tells" and not one.check]
    met = [one for one in mine if one.concerns == Known(True)]
    unsure = [one for one in mine if isinstance(one.concerns, Unknown)]
    if met:
        rest = [f"not known: {line}" for line in _reasons(unsure)]
        return failed(ID, _headline(met), *map(_line, met), *rest)
    if unsure:
        return unknown(ID, f"{count(len(unsure), 'known change')} may meet this release", *_reasons(unsure))
    return passed(ID, f"of {count(len(crossed), 'known change')} none asks for anything here")


def _headline(met: Sequence[TransitionFinding]) -> str:
    verb = "meets" if len(met) == 1 else "meet"
    return f"{count(len(met), 'known change')} {verb} this release: {', '.join(one.id for one in met)}"


def _line(finding: TransitionFinding) -> str:
    evidence = f" ({'; '.join(finding.evidence)})" if finding.evidence else ""
    return f"{finding.id}: {finding.what}{evidence}"


def _reasons(findings: Sequence[TransitionFinding]) -> list[str]:
    """Each reason once, with the changes that it leaves open."""
    reasons: dict[str, list[str]] = {}
    for one in findings:
        assert isinstance(one.concerns, Unknown)
        reasons.setdefault(one.concerns.reason, []).append(one.id)
    return [f"{', '.join(ids)}: {reason}" for reason, ids in reasons.items()]
