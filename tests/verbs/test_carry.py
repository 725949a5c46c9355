"""From the plan to the exit code: what goes back where, and an exit code that outlives its report."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying import loop
from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import Ending, Outcome
from helm_tyk_upgrade.store.journal import list_runs
from helm_tyk_upgrade.verbs.carry import _gateway_of, carry
from tests.applying.build import plan, scene, stored_answer
from tests.targets.build import gateway_manifest


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def context(folder: Path, stdout: io.StringIO) -> Context:
    env = {"TYK_UPGRADE_STATE_DIR": str(folder)}
    return Context(env, Streams(io.StringIO(), stdout, io.StringIO()))


@pytest.fixture(params=[Exit.OK, Exit.ROLLED_BACK, Exit.NOT_HEALTHY])
def code(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Exit:
    """How the run ends; the steps themselves need a cluster and are tested with one."""
    ending = Outcome("run-1", Ending.PROVEN, request.param, "because", ())
    monkeypatch.setattr(loop, "carry_out", lambda run: ending)
    return Exit(request.param)


def test_the_exit_code_is_that_of_the_run(tmp_path: Path, code: Exit) -> None:
    out = io.StringIO()
    found = carry(plan(), context(tmp_path, out), command="apply", bundle_dir="", output="json")
    assert found == code
    assert json.loads(out.getvalue())["kind"]
    (header,) = list_runs(tmp_path / "runs")
    assert (header.command, header.from_revision, header.to_chart) == ("apply", 3, "tyk-oss-5.3.0")


def test_a_report_that_cannot_be_written_does_not_change_it(tmp_path: Path, code: Exit) -> None:
    with pytest.raises(TykUpgradeError, match="its report cannot be written") as caught:
        carry(plan(), context(tmp_path, Gone()), command="upgrade", bundle_dir="", output="text")
    assert caught.value.exit_code is code
    assert "runs" in caught.value.hint


def test_the_version_to_prove_after_a_rollback_is_that_of_its_revision(tmp_path: Path) -> None:
    here = scene(tmp_path)
    here.helm.answers["get"] = stored_answer(gateway_manifest(), revision=2)
    assert _gateway_of(plan(rollback_to=3), here.context) == Known("5.3.8")
    assert _gateway_of(plan(rollback_to=2, gateway_before=Known("5.9.1")), here.context) == Known("5.3.8")
    assert isinstance(_gateway_of(plan(rollback_to=0), here.context), Unknown)
