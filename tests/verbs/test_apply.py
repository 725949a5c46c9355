"""`apply`: what comes from the plan file, and what little may be given anew."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

import pytest

from helm_tyk_upgrade.errors import Exit, TykUpgradeError, UsageError
from helm_tyk_upgrade.model.inputs import Layers, RunSettings, UpgradeFlags
from helm_tyk_upgrade.planning.planfile import read_plan, write_plan
from helm_tyk_upgrade.verbs import apply
from tests.applying.build import plan, scene
from tests.planning.test_planfile import request

FLAGS = UpgradeFlags(timeout="5m", force_conflicts=True, passed=("--no-hooks", "--skip-crds"))
SETTINGS = RunSettings(rollback=False, restore_apis=True, expect_version="5.13.1", rollout_timeout=400.0)


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    apply.add_arguments(parser)
    return parser.parse_args(["plan.json", *words])


@pytest.fixture
def saved(tmp_path: Path) -> dict[str, object]:
    layers = Layers((), (("--set", "a.b=1"),))
    asked = request(flags=FLAGS, settings=SETTINGS, layers=layers)
    write_plan(plan(), asked, str(tmp_path / "plan.json"), scene(tmp_path).context)
    return dict(read_plan(str(tmp_path / "plan.json"))["request"])


def test_the_run_is_made_with_the_flags_that_were_reviewed(saved: dict[str, object]) -> None:
    found = apply._request(saved, parsed("--set", "a.b=1"))
    assert (found.flags, found.settings) == (FLAGS, SETTINGS)
    assert found.version == "5.3.0"


def test_only_times_may_be_given_anew(saved: dict[str, object]) -> None:
    found = apply._request(saved, parsed("--set", "a.b=1", "--timeout", "9m", "--rollout-timeout", "20m"))
    assert (found.flags.timeout, found.settings.rollout_timeout) == ("9m", 1200.0)
    assert found.flags.passed == FLAGS.passed


@pytest.mark.parametrize("flag", ["--no-rollback", "--restore-apis", "--no-hooks", "--force-conflicts"])
def test_what_was_not_reviewed_cannot_be_given(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(flag)
    assert flag in capsys.readouterr().err


def test_an_expired_plan_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    ready = scene(tmp_path)
    path = str(tmp_path / "old.json")
    write_plan(plan(), request(), path, ready.context, timedelta(hours=1))
    ready.clock.sleep(3601.0)
    args = parsed()
    args.file = path
    with pytest.raises(TykUpgradeError, match="held until 2026-11-23T21:04:35Z") as caught:
        apply.run(args, ready.context)
    assert "make a new plan" in caught.value.hint
    assert caught.value.exit_code == Exit.ERROR
    assert "HELM_NAMESPACE" not in ready.context.env


def test_set_flags_are_given_again(saved: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"to be given again: --set a\.b"):
        apply._request(saved, parsed())
