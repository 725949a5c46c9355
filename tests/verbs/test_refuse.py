"""When a good plan is not carried out: nothing to do, blocked, an edit in CI, nobody to ask."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.model.change import ManifestChanges
from helm_tyk_upgrade.model.verdict import Policy, failed
from helm_tyk_upgrade.verbs.refuse import refusal
from helm_tyk_upgrade.verbs.upgrade import _not_agreed
from tests.applying.build import RELEASE, edited, editing, plan


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def context(answer: str = "", *, terminal: bool = False, **env: str) -> Context:
    kind = Terminal if terminal else io.StringIO
    return Context(env, Streams(kind(answer), io.StringIO(), kind()))


def said(found: Context) -> str:
    assert isinstance(found.streams.stderr, io.StringIO)
    return found.streams.stderr.getvalue()


def test_a_plan_with_work_may_start() -> None:
    assert refusal(plan(), context(CI="true")) is None


def test_nothing_to_do_is_exit_0() -> None:
    same = replace(RELEASE, chart_version="5.3.0")
    here = context()
    assert refusal(plan(release=same, objects=ManifestChanges((), 4)), here) == Exit.OK
    assert "Nothing to do" in said(here)


def test_a_failing_check_is_exit_3_and_named() -> None:
    verdict = replace(failed("data-loss", "a claim would be deleted"), policy=Policy.FAIL)
    here = context()
    assert refusal(plan(verdicts=(verdict,)), here) == Exit.BLOCKED
    assert "Blocked by data-loss: a claim would be deleted" in said(here)


def test_an_edit_belongs_in_a_commit_where_ci_is_set(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"tag: v5.3.8\npassword: c4n4ry\n")
    wanted = editing(edited(path, b"tag: v5.13.1\npassword: c4n4ry\n"))
    assert refusal(wanted, context()) is None
    here = context(CI="true")
    assert refusal(wanted, here) == Exit.BLOCKED
    assert "-tag: v5.3.8" in said(here)
    assert "+tag: v5.13.1" in said(here)
    assert "c4n4ry" not in said(here)


@pytest.mark.parametrize(
    ("answer", "code"),
    [("y\n", None), ("YES\n", None), ("n\n", Exit.ERROR), ("\n", Exit.ERROR), ("", Exit.ERROR)],
)
def test_only_a_yes_is_a_yes(answer: str, code: Exit | None) -> None:
    here = context(answer, terminal=True)
    assert _not_agreed(plan(), here) == code
    assert said(here).startswith("Upgrade apis/tyk? [y/N] ")


@pytest.mark.parametrize("here", [context("y\n"), context("y\n", terminal=True, CI="true")])
def test_without_somebody_to_ask_nothing_is_done(here: Context) -> None:
    assert _not_agreed(plan(), here) == Exit.ERROR
    assert "Give --yes" in said(here)
