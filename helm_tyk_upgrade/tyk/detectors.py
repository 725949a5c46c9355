"""Does a record concern this release? The small language of "detect" in data/transitions.json and data/known-bad.json.

A detector is a JSON object whose first key names the question; further keys refine it. Answers are three-valued and
combine as in Kleene's logic: one "no" settles `all`, one "yes" settles `any`, whatever is unknown beside them.
Pure: everything is read from the Subject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.tyk import detect_apis, detect_objects, detect_values
from helm_tyk_upgrade.tyk.answers import NO, YES, Answer, Detector, Question
from helm_tyk_upgrade.tyk.subject import Subject


def ask(detector: Detector, subject: Subject) -> Answer:
    """The answer for one release. Raises KeyError for a question that does not exist."""
    return QUESTIONS[next(iter(detector))](detector, subject)


def faults_of(detector: Detector) -> list[str]:
    """What is wrong with a detector as data: an unknown question, a variable that is none, a broken expression."""
    name = next(iter(detector), "")
    if name not in QUESTIONS:
        return [f"no detector is called {name!r}"]
    if name in ("all", "any"):
        return [fault for part in detector[name] for fault in faults_of(part)]
    if name == "not":
        return faults_of(detector[name])
    if name == "env" and not re.fullmatch(r"TYK_GW_[A-Z0-9_]+", detector["env"]):
        return [f"{detector['env']!r} is no variable of the gateway"]
    if name in ("image", "policy_id"):
        re.compile(detector[name])
    return []


def _all(detector: Detector, subject: Subject) -> Answer:
    return _combined([ask(part, subject) for part in detector["all"]], settles=NO, otherwise=YES)


def _any(detector: Detector, subject: Subject) -> Answer:
    return _combined([ask(part, subject) for part in detector["any"]], settles=YES, otherwise=NO)


def _combined(answers: Sequence[Answer], *, settles: Known[bool], otherwise: Known[bool]) -> Answer:
    settled = next((one for one in answers if one.concerns == settles), None)
    if settled is not None:
        same = [one for one in answers if one.concerns == settles]
        return Answer(settles, _evidence(same))
    unsure = next((one.concerns for one in answers if isinstance(one.concerns, Unknown)), None)
    return Answer(unsure or otherwise, _evidence(answers))


def _evidence(answers: Sequence[Answer]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for one in answers for line in one.evidence))


def _not(detector: Detector, subject: Subject) -> Answer:
    found = ask(detector["not"], subject)
    if isinstance(found.concerns, Unknown):
        return found
    return Answer(Known(not found.concerns.value))


QUESTIONS: dict[str, Question] = {
    "all": _all,
    "any": _any,
    "not": _not,
    **detect_values.QUESTIONS,
    **detect_objects.QUESTIONS,
    **detect_apis.QUESTIONS,
}
