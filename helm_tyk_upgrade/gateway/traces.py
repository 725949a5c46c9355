"""Verdicts on what a gateway left behind: its log, its restarts, the APIs and policies it has. Pure."""

from __future__ import annotations

from collections.abc import Callable

from helm_tyk_upgrade.gateway.evidence import Expected, Observed
from helm_tyk_upgrade.gateway.logknowledge import explained
from helm_tyk_upgrade.gateway.loglines import new_signatures, signatures, versions_named
from helm_tyk_upgrade.model.gateway import Inventory
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.model.verdict import Verdict, failed, not_applicable, passed, unknown

_EXAMPLES = 5


def startup_log(observed: Observed, expected: Expected) -> Verdict:
    check = "startup-log"
    if isinstance(observed.log, Unknown):
        return unknown(check, f"the log could not be read: {observed.log.reason}")
    named = versions_named(observed.log.value)
    if not named:
        if observed.spec.log_level in ("warn", "error"):
            return not_applicable(check, f"log level {observed.spec.log_level} leaves the start-up lines out")
        return unknown(check, "no start-up line in the part of the log that was read")
    if isinstance(expected.version, Unknown):
        return unknown(check, f"it names {', '.join(named)}; the planned version is not known")
    planned = expected.version.value.removeprefix("v")
    if named == (planned,):
        return passed(check, f"it names {planned}")
    return failed(check, f"it names {', '.join(map(printable, named))}, planned was {planned}")


def log_errors(observed: Observed, expected: Expected) -> Verdict:
    check = "log-errors"
    if isinstance(observed.log, Unknown):
        return unknown(check, f"the log could not be read: {observed.log.reason}")
    if isinstance(expected.signatures, Unknown):
        found = signatures(observed.log.value)
        if not found:
            return passed(check, "no warning or error")
        return unknown(
            check,
            f"{len(found)} kinds of warnings or errors; what was usual before is not known: "
            f"{expected.signatures.reason}",
            *_examples(found),
        )
    new = new_signatures(expected.signatures.value, observed.log.value)
    if not new:
        return passed(check, "nothing the old pods did not log as well")
    known = next(filter(None, map(explained, new.values())), None)
    reason = f"{len(new)} kinds of warnings or errors that the old pods never logged"
    return failed(
        check,
        f"{reason}: {known.meaning}" if known else reason,
        *_examples(new),
        hint=known.hint if known else "",
    )


def restarts(observed: Observed, expected: Expected) -> Verdict:
    count = observed.restarts - expected.restarts
    if count <= 0:
        return passed("restarts", "none")
    return failed(
        "restarts", f"{count} since it was created", hint="see the log of the container before the restart"
    )


def apis_kept(observed: Observed, expected: Expected) -> Verdict:
    return _kept(
        "apis-kept",
        "APIs",
        observed,
        expected,
        lambda inventory: {api.id: api.name for api in inventory.apis},
    )


def policies_kept(observed: Observed, expected: Expected) -> Verdict:
    return _kept(
        "policies-kept",
        "policies",
        observed,
        expected,
        lambda inventory: {policy.id: policy.name for policy in inventory.policies},
    )


def _kept(
    check: str,
    what: str,
    observed: Observed,
    expected: Expected,
    names: Callable[[Inventory], dict[str, str]],
) -> Verdict:
    if isinstance(expected.inventory, Unknown):
        return unknown(check, f"what was there before is not known: {expected.inventory.reason}")
    if isinstance(observed.inventory, Unknown):
        return unknown(check, f"the gateway's {what} could not be listed: {observed.inventory.reason}")
    before, after = names(expected.inventory.value), names(observed.inventory.value)
    lost = sorted(before.keys() - after.keys())
    if not lost:
        return passed(
            check,
            f"all {len(before)} {what} are there" if before else f"there were no {what}",
        )
    return failed(
        check,
        f"{len(lost)} of {len(before)} {what} are gone",
        *(printable(f"{key} {before[key]}") for key in lost),
        hint="--restore-apis puts them back from the backup",
    )


def _examples(found: dict[str, str]) -> tuple[str, ...]:
    lines = [printable(line)[:300] for line in found.values()]
    more = [f"and {len(lines) - _EXAMPLES} more"] if len(lines) > _EXAMPLES else []
    return (*lines[:_EXAMPLES], *more)
