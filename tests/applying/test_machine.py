"""The order of a run: every way through it as a table, and what must hold from any recorded prefix."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.applying.machine import EXIT_CODES, End, next_of_return, next_step
from helm_tyk_upgrade.applying.steps import STEPS
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.outcome import Ending, StepResult, StepStatus

DONE, FAILED, UNKNOWN, SKIPPED = (
    StepStatus.DONE,
    StepStatus.FAILED,
    StepStatus.UNKNOWN,
    StepStatus.SKIPPED,
)
FORWARD = "lock baseline backup write_values meter_on upgrade watch prove meter_off unlock"
UP_TO_UPGRADE = "lock baseline backup write_values meter_on upgrade"
BACK = "evidence rollback restore_values prove_back meter_off unlock"
BACK_WITH_APIS = "evidence rollback restore_values restore_apis prove_back meter_off unlock"

Script = Mapping[str, StepStatus | StepResult]


def result_of(step: str, script: Script) -> StepResult:
    """As scripted; done where the script says nothing."""
    answer = script.get(step, DONE)
    return answer if isinstance(answer, StepResult) else StepResult(answer, f"{step} {answer.value}")


def play(script: Script, chosen: RunSettings) -> tuple[list[str], End]:
    """The steps in the order they were asked for, and the end."""
    results: dict[str, StepResult] = {}
    while not isinstance(action := next_step(results, chosen), End):
        assert action not in results, f"{action} is asked for twice"
        results[action] = result_of(action, script)
    return list(results), action


REFUSED = StepResult(FAILED, "upgrade failed", (("changed", False),))
STORED = StepResult(FAILED, "upgrade failed", (("changed", True),))
STUCK = StepResult(FAILED, "rollback failed", (("changed", False),))
APIS = RunSettings(restore_apis=True)
STAYS = RunSettings(rollback=False)
SOAK = RunSettings(soak=60.0)
SOAKED = FORWARD.replace("prove", "prove soak")

RUNS: list[tuple[str, Script, RunSettings, str, Ending, str]] = [
    ("success", {}, RunSettings(), FORWARD, Ending.PROVEN, "prove done"),
    (
        "success with --restore-apis",
        {},
        APIS,
        FORWARD.replace("prove", "post_apis prove"),
        Ending.PROVEN,
        "prove done",
    ),
    ("nothing to write", {"write_values": SKIPPED}, RunSettings(), FORWARD, Ending.PROVEN, "prove done"),
    ("no lock to be had", {"lock": UNKNOWN}, RunSettings(), FORWARD, Ending.PROVEN, "prove done"),
    ("no baseline", {"baseline": UNKNOWN}, RunSettings(), FORWARD, Ending.PROVEN, "prove done"),
    ("requests not counted", {"meter_on": UNKNOWN}, RunSettings(), FORWARD, Ending.PROVEN, "prove done"),
    ("losses not known", {"meter_off": UNKNOWN}, RunSettings(), FORWARD, Ending.PROVEN, "prove done"),
    ("a soak after the proof", {}, SOAK, SOAKED, Ending.PROVEN, "prove done"),
    ("a soak that saw too little", {"soak": UNKNOWN}, SOAK, SOAKED, Ending.INCONCLUSIVE, "soak unknown"),
    (
        "what was proven breaks in the soak",
        {"soak": FAILED},
        SOAK,
        f"{UP_TO_UPGRADE} watch prove soak {BACK}",
        Ending.ROLLED_BACK,
        "soak failed",
    ),
    (
        "more requests lost than allowed undo nothing",
        {"meter_off": FAILED},
        RunSettings(max_lost=0),
        FORWARD,
        Ending.INCONCLUSIVE,
        "meter_off failed",
    ),
    (
        "a budget that may be kept or not",
        {"meter_off": UNKNOWN},
        RunSettings(max_gap=1.0),
        FORWARD,
        Ending.INCONCLUSIVE,
        "meter_off unknown",
    ),
    (
        "a budget that is surely kept",
        {},
        RunSettings(max_lost_percent=1.0),
        FORWARD,
        Ending.PROVEN,
        "prove done",
    ),
    (
        "lock is held by another",
        {"lock": FAILED},
        RunSettings(),
        "lock unlock",
        Ending.UNCHANGED,
        "lock failed",
    ),
    (
        "baseline fails",
        {"baseline": FAILED},
        RunSettings(),
        "lock baseline unlock",
        Ending.UNCHANGED,
        "baseline failed",
    ),
    (
        "backup fails",
        {"backup": FAILED},
        RunSettings(),
        "lock baseline backup unlock",
        Ending.UNCHANGED,
        "backup failed",
    ),
    (
        "values cannot be written",
        {"write_values": FAILED},
        RunSettings(),
        "lock baseline backup write_values restore_values unlock",
        Ending.UNCHANGED,
        "write_values failed",
    ),
    (
        "values cannot be written and not be put back",
        {"write_values": FAILED, "restore_values": FAILED},
        RunSettings(),
        "lock baseline backup write_values restore_values unlock",
        Ending.NOT_HEALTHY,
        "write_values failed; restore_values failed",
    ),
    (
        "Helm refuses before it stores anything",
        {"upgrade": REFUSED},
        RunSettings(),
        f"{UP_TO_UPGRADE} restore_values meter_off unlock",
        Ending.UNCHANGED,
        "upgrade failed",
    ),
    (
        "Helm refuses, --no-rollback still puts the values back",
        {"upgrade": REFUSED},
        STAYS,
        f"{UP_TO_UPGRADE} restore_values meter_off unlock",
        Ending.UNCHANGED,
        "upgrade failed",
    ),
    (
        "Helm fails half-way",
        {"upgrade": STORED},
        RunSettings(),
        f"{UP_TO_UPGRADE} {BACK}",
        Ending.ROLLED_BACK,
        "upgrade failed",
    ),
    (
        "Helm fails and it is not known how far it came",
        {"upgrade": FAILED},
        RunSettings(),
        f"{UP_TO_UPGRADE} {BACK}",
        Ending.ROLLED_BACK,
        "upgrade failed",
    ),
    (
        "the rollout fails",
        {"watch": FAILED},
        RunSettings(),
        f"{UP_TO_UPGRADE} watch {BACK}",
        Ending.ROLLED_BACK,
        "watch failed",
    ),
    (
        "the proof fails",
        {"prove": FAILED},
        RunSettings(),
        f"{UP_TO_UPGRADE} watch prove {BACK}",
        Ending.ROLLED_BACK,
        "prove failed",
    ),
    (
        "the proof fails with --restore-apis",
        {"prove": FAILED},
        APIS,
        f"{UP_TO_UPGRADE} watch post_apis prove {BACK_WITH_APIS}",
        Ending.ROLLED_BACK,
        "prove failed",
    ),
    (
        "the proof fails with --no-rollback",
        {"prove": FAILED},
        STAYS,
        f"{UP_TO_UPGRADE} watch prove evidence meter_off unlock",
        Ending.NOT_HEALTHY,
        "prove failed; not rolled back (--no-rollback)",
    ),
    (
        "the proof is unknown",
        {"prove": UNKNOWN},
        RunSettings(),
        FORWARD,
        Ending.INCONCLUSIVE,
        "prove unknown",
    ),
    (
        "the rollout could not be watched",
        {"watch": UNKNOWN},
        RunSettings(),
        FORWARD,
        Ending.INCONCLUSIVE,
        "watch unknown",
    ),
    (
        "definitions could not be posted",
        {"post_apis": UNKNOWN},
        APIS,
        FORWARD.replace("prove", "post_apis prove"),
        Ending.INCONCLUSIVE,
        "post_apis unknown",
    ),
    (
        "the rollback fails",
        {"prove": FAILED, "rollback": FAILED},
        RunSettings(),
        f"{UP_TO_UPGRADE} watch prove {BACK}",
        Ending.NOT_HEALTHY,
        "prove failed; rollback failed",
    ),
    (
        "the rollback is not proven",
        {"prove": FAILED, "prove_back": UNKNOWN},
        RunSettings(),
        f"{UP_TO_UPGRADE} watch prove {BACK}",
        Ending.NOT_HEALTHY,
        "prove failed; prove_back unknown",
    ),
    (
        "the gateway is broken after the rollback",
        {"prove": FAILED, "prove_back": FAILED},
        RunSettings(),
        f"{UP_TO_UPGRADE} watch prove {BACK}",
        Ending.NOT_HEALTHY,
        "prove failed; prove_back failed",
    ),
    (
        "rolled back, but the values file is somebody else's now",
        {"prove": FAILED, "restore_values": FAILED},
        RunSettings(),
        f"{UP_TO_UPGRADE} watch prove {BACK}",
        Ending.NOT_HEALTHY,
        "prove failed; rolled back, but restore_values failed",
    ),
    (
        "rolled back, but definitions are missing",
        {"prove": FAILED, "restore_apis": FAILED},
        APIS,
        f"{UP_TO_UPGRADE} watch post_apis prove {BACK_WITH_APIS}",
        Ending.NOT_HEALTHY,
        "prove failed; rolled back, but restore_apis failed",
    ),
    (
        "a rollback that stored nothing leaves the new values file with the new release",
        {"prove": FAILED, "rollback": STUCK, "prove_back": FAILED},
        APIS,
        f"{UP_TO_UPGRADE} watch post_apis prove evidence rollback prove_back meter_off unlock",
        Ending.NOT_HEALTHY,
        "prove failed; rollback failed",
    ),
    (
        "no evidence is no reason to stay",
        {"watch": FAILED, "evidence": UNKNOWN},
        RunSettings(),
        f"{UP_TO_UPGRADE} watch {BACK}",
        Ending.ROLLED_BACK,
        "watch failed",
    ),
]


@pytest.mark.parametrize(
    ("script", "chosen", "steps", "ending", "reason"),
    [run[1:] for run in RUNS],
    ids=[run[0] for run in RUNS],
)
def test_a_run_takes_its_steps_and_ends(
    script: Script, chosen: RunSettings, steps: str, ending: Ending, reason: str
) -> None:
    taken, end = play(script, chosen)
    assert taken == steps.split()
    assert end == End(ending, reason)


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (Ending.PROVEN, Exit.OK),
        (Ending.RETURNED, Exit.OK),
        (Ending.UNCHANGED, Exit.ERROR),
        (Ending.ROLLED_BACK, Exit.ROLLED_BACK),
        (Ending.NOT_HEALTHY, Exit.NOT_HEALTHY),
        (Ending.INCONCLUSIVE, Exit.INCONCLUSIVE),
    ],
)
def test_an_ending_has_its_exit_code(ending: Ending, code: Exit) -> None:
    assert EXIT_CODES[ending] is code


WAY_BACK = "lock baseline backup rollback restore_values prove_back unlock"
WAY_BACK_WITH_APIS = WAY_BACK.replace("prove_back", "restore_apis prove_back")

RETURNS: list[tuple[str, Script, RunSettings, str, Ending, str]] = [
    ("success", {}, RunSettings(), WAY_BACK, Ending.RETURNED, "prove_back done"),
    ("with --restore-apis", {}, APIS, WAY_BACK_WITH_APIS, Ending.RETURNED, "prove_back done"),
    ("lock is held", {"lock": FAILED}, RunSettings(), "lock", Ending.UNCHANGED, "lock failed"),
    ("no baseline", {"baseline": UNKNOWN}, RunSettings(), WAY_BACK, Ending.RETURNED, "prove_back done"),
    (
        "no bundle can be kept",
        {"backup": FAILED},
        RunSettings(),
        "lock baseline backup unlock",
        Ending.UNCHANGED,
        "backup failed",
    ),
    (
        "the rollback fails",
        {"rollback": FAILED, "prove_back": FAILED},
        RunSettings(),
        WAY_BACK,
        Ending.NOT_HEALTHY,
        "rollback failed",
    ),
    (
        "the rollback stores nothing",
        {"rollback": STUCK, "prove_back": FAILED},
        APIS,
        "lock baseline backup rollback prove_back unlock",
        Ending.NOT_HEALTHY,
        "rollback failed",
    ),
    (
        "the values file is somebody else's",
        {"restore_values": FAILED},
        RunSettings(),
        WAY_BACK,
        Ending.NOT_HEALTHY,
        "restore_values failed",
    ),
    (
        "definitions cannot be posted",
        {"restore_apis": FAILED},
        APIS,
        WAY_BACK_WITH_APIS,
        Ending.NOT_HEALTHY,
        "restore_apis failed",
    ),
    (
        "the proof is unknown",
        {"prove_back": UNKNOWN},
        RunSettings(),
        WAY_BACK,
        Ending.INCONCLUSIVE,
        "prove_back unknown",
    ),
    (
        "the proof fails",
        {"prove_back": FAILED},
        RunSettings(),
        WAY_BACK,
        Ending.NOT_HEALTHY,
        "prove_back failed",
    ),
]


@pytest.mark.parametrize(
    ("script", "chosen", "steps", "ending", "reason"),
    [run[1:] for run in RETURNS],
    ids=[run[0] for run in RETURNS],
)
def test_going_back_takes_its_steps_and_ends(
    script: Script, chosen: RunSettings, steps: str, ending: Ending, reason: str
) -> None:
    results: dict[str, StepResult] = {}
    while not isinstance(action := next_of_return(results, chosen), End):
        assert action not in results
        results[action] = result_of(action, script)
    assert list(results) == steps.split()
    assert action == End(ending, reason)


ANSWERS = st.sampled_from(
    [
        StepResult(DONE, "done"),
        StepResult(UNKNOWN, "unknown"),
        StepResult(SKIPPED, "skipped"),
        StepResult(FAILED, "failed"),
        StepResult(FAILED, "failed", (("changed", False),)),
        StepResult(FAILED, "failed", (("changed", True),)),
    ]
)
SCRIPTS = st.fixed_dictionaries(dict.fromkeys(STEPS, ANSWERS))
CHOICES = st.builds(RunSettings, rollback=st.booleans(), restore_apis=st.booleans())


@settings(max_examples=150, deadline=None)
@given(script=SCRIPTS, chosen=CHOICES, cut=st.integers(0, 15))
def test_from_any_recorded_prefix_a_run_ends_and_leaves_nothing_open(
    script: dict[str, StepResult], chosen: RunSettings, cut: int
) -> None:
    whole, end = play(script, chosen)
    results = {step: script[step] for step in whole[:cut]}  # what a crash left in the journal
    resumed = list(results)
    while not isinstance(action := next_step(results, chosen), End):
        assert action not in results
        results[action] = script[action]
        resumed.append(action)
    assert (resumed, action) == (whole, end)
    assert whole[-1] == "unlock"
    assert ("meter_on" in whole) == ("meter_off" in whole)


@settings(max_examples=150, deadline=None)
@given(script=SCRIPTS, chosen=CHOICES)
def test_only_a_changed_release_that_failed_is_rolled_back(
    script: dict[str, StepResult], chosen: RunSettings
) -> None:
    taken, end = play(script, chosen)
    failures = [
        step for step in taken if script[step].status is FAILED and step not in ("meter_off", "unlock")
    ]
    refused = script["upgrade"].fact("changed", True) is False and script["upgrade"].status is FAILED
    if "rollback" in taken:
        assert chosen.rollback
        assert "upgrade" in taken
        assert not refused
        assert failures[0] in ("upgrade", "watch", "post_apis", "prove")
    if end.ending in (Ending.PROVEN, Ending.INCONCLUSIVE):
        assert "rollback" not in taken
        assert not failures
    if end.ending is Ending.PROVEN:
        assert not any(
            script[step].status is UNKNOWN for step in taken if step in ("upgrade", "watch", "prove")
        )
    if end.ending is Ending.UNCHANGED:
        assert "upgrade" not in taken or refused
    if end.ending is Ending.ROLLED_BACK:
        assert script["prove_back"].status is script["rollback"].status is DONE
