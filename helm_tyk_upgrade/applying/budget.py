"""What of the requests lost the user allows (--max-lost, --max-gap), held against what was counted. Pure."""

from __future__ import annotations

from helm_tyk_upgrade.gateway.availability import Availability
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.verdict import Status, Verdict, failed, passed, unknown

_HINT = "the new revision stays: going back brings no request back, and may lose more"


def judged(found: Availability, settings: RunSettings, doubt: str) -> tuple[Verdict, ...]:
    """A verdict for each limit that was given.

    doubt: why not every loss was seen, empty where all were. What was seen to be too much stays too much; but with a
    doubt nothing can be seen to be little enough.
    """
    lost, percent, gap = settings.max_lost, settings.max_lost_percent, settings.max_gap
    verdicts = []
    if lost is not None:
        seen = f"{found.lost} requests lost"
        verdicts.append(_one("requests-lost", seen, f"{lost}", found.lost > lost, doubt))
    if percent is not None:
        share = found.lost_percent
        seen = f"{share:.2g} % of the requests lost"
        verdicts.append(_one("requests-lost", seen, f"{percent:g} %", share > percent, doubt))
    if gap is not None:
        seen = f"{found.longest_gap:.1f} s without an answer"
        verdicts.append(_one("longest-gap", seen, f"{gap:g} s", found.longest_gap > gap, doubt))
    return tuple(verdicts)


def _one(check: str, seen: str, limit: str, over: bool, doubt: str) -> Verdict:
    if over:
        return failed(check, f"{seen}, {limit} allowed", hint=_HINT)
    if doubt:
        return unknown(check, f"{limit} allowed, but {doubt}")
    return passed(check, f"{seen}, {limit} allowed")


def worst(verdicts: tuple[Verdict, ...]) -> Verdict | None:
    """The first failed one, else the first unknown one; None where all passed."""
    for status in (Status.FAIL, Status.UNKNOWN):
        for verdict in verdicts:
            if verdict.status is status:
                return verdict
    return None
