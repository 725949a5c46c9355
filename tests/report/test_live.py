"""Progress: plain lines without a terminal, a table on one, secrets in neither."""

from __future__ import annotations

import io
import sys

import pytest

from helm_tyk_upgrade.model.outcome import StepResult, StepStatus
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report.live import LiveProgress, progress

DONE = StepResult(StepStatus.DONE, "revision 8 is deployed")
WAITING = ("gw-1", "new", "not ready", "0", "ContainerCreating")
READY = ("gw-1", "new", "ready", "0", "Running")


def masker() -> Masker:
    found = Masker()
    found.learn(["hush-hush"])
    return found


def test_plain_lines_say_each_change_once() -> None:
    stream = io.StringIO()
    with progress(stream, masker(), live=False) as view:
        view.step_began("watch")
        view.pods([WAITING], 30.4)
        view.pods([WAITING], 20.0)
        view.pods([READY, ("gw-0", "old", "ready", "2", "Running")])
        view.pods([READY])
        view.note("Warning: hush-hush\x1b[2J")
        view.step_ended("watch", DONE, 6.21)
    fingerprint = masker().fingerprint("x").partition(":")[0]
    lines = stream.getvalue().splitlines()
    assert lines[:5] == [
        "watch ...",
        "  pod gw-1 (new): not ready, ContainerCreating (30 s left)",
        "  pod gw-1 (new): ready, Running",
        "  pod gw-0 (old): ready, Running, restarted 2 times",
        "  pod gw-0: gone",
    ]
    assert lines[5].startswith(f"  Warning: {fingerprint}:")
    assert lines[5].endswith("\\x1b[2J")
    assert lines[6] == "watch: done (6.2 s) revision 8 is deployed"


def test_plain_lines_need_no_terminal_library() -> None:
    before = set(sys.modules)
    with progress(io.StringIO(), masker(), live=False) as view:
        view.step_began("lock")
    assert not {name for name in set(sys.modules) - before if name.partition(".")[0] == "rich"}


def test_the_table_shows_the_step_its_pods_and_the_newest_events() -> None:
    from rich.console import Console

    stream = io.StringIO()
    view = LiveProgress(stream, masker())
    try:
        view.step_began("watch")
        view.pods([READY], 12.0)
        for number in range(8):
            view.note(f"event {number} hush-hush")
        console = Console(file=io.StringIO(), width=80)
        with console.capture() as captured:
            console.print(view.renderable())
        text = captured.get()
    finally:
        view.close()
    assert "watch (12 s left)" in text
    assert "gw-1" in text
    assert "Running" in text
    assert [f"event {number} " in text for number in range(8)] == [False] * 3 + [True] * 5
    assert "hush-hush" not in text + stream.getvalue()


def test_ended_steps_stay_and_the_cursor_comes_back() -> None:
    stream = io.StringIO()

    def broken_run() -> None:
        with progress(stream, masker(), live=True) as view:
            view.step_began("upgrade")
            view.step_ended("upgrade", DONE, 1.0)
            raise RuntimeError("the run breaks")

    with pytest.raises(RuntimeError):
        broken_run()
    hide, show = "\x1b[?25l", "\x1b[?25h"
    assert "upgrade: done (1.0 s) revision 8 is deployed" in stream.getvalue()
    assert stream.getvalue().rindex(show) > stream.getvalue().rindex(hide)
