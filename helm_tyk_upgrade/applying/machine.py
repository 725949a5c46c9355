"""Which step comes next, and how a run ended. Pure: results of steps in, a name or an ending out.

The same function serves a fresh run and a resumed one: it knows nothing but what is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.outcome import Ending, StepResult, StepStatus

FORWARD = (
    "lock",
    "baseline",
    "backup",
    "write_values",
    "meter_on",
    "upgrade",
    "watch",
    "post_apis",
    "prove",
    "soak",
    "meter_off",
    "unlock",
)
BACK = ("evidence", "rollback", "restore_values", "restore_apis", "prove_back")
CLOSING = ("meter_off", "unlock")
CHANGING = ("upgrade", "watch", "post_apis", "prove", "soak")
"""Steps whose failure finds the release changed."""

FIRST_CHANGES = ("write_values", "upgrade", "rollback")
"""From the beginning of these on, something of the user's may be other than it was."""

RETURN = (
    "lock",
    "baseline",
    "backup",
    "rollback",
    "restore_values",
    "restore_apis",
    "prove_back",
    "unlock",
)
"""The steps of `rollback`: going back without an upgrade before it."""

Results = Mapping[str, StepResult]

EXIT_CODES = {
    Ending.NOTHING_TO_DO: Exit.OK,
    Ending.UNCHANGED: Exit.ERROR,
    Ending.PROVEN: Exit.OK,
    Ending.INCONCLUSIVE: Exit.INCONCLUSIVE,
    Ending.RETURNED: Exit.OK,
    Ending.ROLLED_BACK: Exit.ROLLED_BACK,
    Ending.NOT_HEALTHY: Exit.NOT_HEALTHY,
}


@dataclass(frozen=True)
class End:
    """The run is over. reason: one sentence, from the step that decided it."""

    ending: Ending
    reason: str


def next_step(results: Results, settings: RunSettings) -> str | End:
    """The step to do now. `results` holds the result of every step that has ended."""
    failed = first_failure(results)
    steps = _forward(settings) if failed is None else _after(failed, results, settings)
    for step in steps:
        if step not in results:
            return step
    return _ending(results, failed, settings)


def _forward(settings: RunSettings) -> tuple[str, ...]:
    asked_for = {"post_apis": settings.restore_apis, "soak": settings.soak > 0}
    return tuple(step for step in FORWARD if asked_for.get(step, True))


def next_of_return(results: Results, settings: RunSettings) -> str | End:
    """The same for `rollback`. A failed lock or backup ends it before anything was changed."""
    stopped = next((step for step in ("lock", "backup") if _failed(step, results)), None)
    if stopped is not None:
        still_held = stopped != "lock" and "unlock" not in results
        return "unlock" if still_held else End(Ending.UNCHANGED, results[stopped].reason)
    for step in _undoing(RETURN, results, settings):
        if step not in results:
            return step
    for step in ("rollback", "restore_values", "restore_apis", "prove_back"):
        if _failed(step, results):
            return End(Ending.NOT_HEALTHY, results[step].reason)
    proof = results["prove_back"]
    return End(Ending.INCONCLUSIVE if proof.status is StepStatus.UNKNOWN else Ending.RETURNED, proof.reason)


def first_failure(results: Results) -> str | None:
    """The forward step that failed, in the order of the steps. Closing is no part of it: an upgrade that is proven is
    not undone because a lease could not be freed."""
    steps = (step for step in FORWARD if step in results and step not in CLOSING)
    return next((step for step in steps if results[step].status is StepStatus.FAILED), None)


def release_changed(failed: str, results: Results) -> bool:
    """Whether the failure left the release other than it was. Helm may refuse an upgrade before it stores
    anything; the upgrade step learns that from Helm's history."""
    return failed in CHANGING and bool(results["upgrade"].fact("changed", True))


def _after(failed: str, results: Results, settings: RunSettings) -> tuple[str, ...]:
    """What is still to do when a step failed."""
    if not release_changed(failed, results):
        undo = ("restore_values",) if "write_values" in results else ()
        return (*undo, *(step for step in CLOSING if _opened(step, results)))
    if not settings.rollback:
        return ("evidence", *CLOSING)
    return (*_undoing(BACK, results, settings), *CLOSING)


def _undoing(steps: tuple[str, ...], results: Results, settings: RunSettings) -> tuple[str, ...]:
    """Of the steps back those to take. Where the rollback stored nothing the new release stays, and with it the values
    file it was made from."""
    left_out = set() if settings.restore_apis else {"restore_apis"}
    if _failed("rollback", results) and not results["rollback"].fact("changed", True):
        left_out = {"restore_values", "restore_apis"}
    return tuple(step for step in steps if step not in left_out)


def _failed(step: str, results: Results) -> bool:
    return step in results and results[step].status is StepStatus.FAILED


def _within_budget(results: Results, settings: RunSettings) -> bool:
    """Lost requests undo nothing: what was lost stays lost. But a budget that is not surely kept is no success."""
    return not settings.has_budget or results["meter_off"].status is StepStatus.DONE


def _opened(closing: str, results: Results) -> bool:
    return {"meter_off": "meter_on", "unlock": "lock"}[closing] in results


def _ending(results: Results, failed: str | None, settings: RunSettings) -> End:
    if failed is None:
        done = [results[step] for step in CHANGING if step in results]
        unsure = next((result for result in done if result.status is StepStatus.UNKNOWN), None)
        if unsure is not None:
            return End(Ending.INCONCLUSIVE, unsure.reason)
        if not _within_budget(results, settings):
            return End(Ending.INCONCLUSIVE, results["meter_off"].reason)
        return End(Ending.PROVEN, results["prove"].reason)
    reason = results[failed].reason
    if not release_changed(failed, results):
        undone = results.get("restore_values")
        if undone is not None and undone.status is StepStatus.FAILED:
            return End(Ending.NOT_HEALTHY, f"{reason}; {undone.reason}")
        return End(Ending.UNCHANGED, reason)
    if not settings.rollback:
        return End(Ending.NOT_HEALTHY, f"{reason}; not rolled back (--no-rollback)")
    for step in ("rollback", "prove_back"):
        if results[step].status is not StepStatus.DONE:
            return End(Ending.NOT_HEALTHY, f"{reason}; {results[step].reason}")
    for step in ("restore_values", "restore_apis"):
        if _failed(step, results):
            return End(Ending.NOT_HEALTHY, f"{reason}; rolled back, but {results[step].reason}")
    return End(Ending.ROLLED_BACK, reason)
