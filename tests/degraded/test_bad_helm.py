"""A Helm that is missing, too old, crashed or does not answer is told as such, and never waited for without end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.degraded.program import Program

pytestmark = pytest.mark.helm


def helm_that(program: Program, script: str) -> Program:
    """Another Helm: a shell script, with the real one as $HELM."""
    path = program.folder / "bin" / "helm"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\nHELM='{program.helm}'\n{script}\n")
    path.chmod(0o755)
    return replace(program, helm=str(path))


ANSWERS_ITS_VERSION = 'case "$*" in version*) exec "$HELM" "$@" ;; esac\n'


@pytest.mark.parametrize(
    ("script", "words", "hint"),
    [
        ("echo v3.12.3+g3a31588", "Helm v3.12.3+g3a31588 is too old", "3.13 or newer"),
        ("echo 'panic: runtime error' >&2; exit 2", "Helm itself crashed", "another version of Helm"),
        ("echo hello", "helm does not tell its version", "HELM_BIN"),
        (ANSWERS_ITS_VERSION + "echo 'not JSON at all'", "helm printed no answer", "same helm command"),
        (ANSWERS_ITS_VERSION + "kill -9 $$", "helm list tyk", ""),
    ],
)
def test_an_answer_that_is_none_is_told(program: Program, script: str, words: str, hint: str) -> None:
    ended = helm_that(program, script).run("plan")
    assert (ended.code, ended.out) == (1, ""), ended
    assert words in ended.err, ended
    assert hint in ended.err
    assert "Internal error" not in ended.err
    assert not program.state.exists()


def test_a_helm_that_is_not_there(program: Program, tmp_path: Path) -> None:
    ended = replace(program, helm=str(tmp_path / "no-helm")).run("plan")
    assert (ended.code, ended.out) == (1, ""), ended
    assert "no-helm: no such program" in ended.err
    assert "HELM_BIN" in ended.err


def test_a_helm_that_hangs_is_given_up(program: Program) -> None:
    hanging = helm_that(program, ANSWERS_ITS_VERSION + "exec sleep 60")
    ended = hanging.run("plan", module="tests.degraded.impatient")
    assert (ended.code, ended.out) == (1, ""), ended
    assert "no answer in 2 s" in ended.err
    assert ended.seconds < 15


def test_what_a_hanging_helm_started_does_not_keep_us(program: Program) -> None:
    """A credential plugin of its own, which holds Helm's standard error open."""
    hanging = helm_that(program, ANSWERS_ITS_VERSION + "sleep 20; true")
    ended = hanging.run("plan", module="tests.degraded.impatient")
    assert ended.code == 1, ended
    assert ended.seconds < 15
