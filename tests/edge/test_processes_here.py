"""Whether the process that wrote its identity down still lives."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helm_tyk_upgrade.edge.processes_here import identity, is_gone, machine_of

TELL = "from helm_tyk_upgrade.edge.processes_here import identity; print(identity(), flush=True); input()"


def child() -> tuple[subprocess.Popen[str], str]:
    started = subprocess.Popen(
        [sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    return started, started.stdout.readline().strip()


pytestmark = pytest.mark.skipif(not identity(), reason="this system does not tell which process one is")


def test_one_that_was_killed_is_gone_and_one_that_runs_is_not() -> None:
    started, told = child()
    try:
        assert machine_of(told) == machine_of(identity())
        assert not is_gone(told)
        started.kill()
        assert started.wait() != 0
        assert is_gone(told)
    finally:
        started.kill()
        started.communicate()


def test_another_process_under_the_same_number_is_not_the_same() -> None:
    boot, space, pid, start = identity().split("/")
    assert is_gone(f"{boot}/{space}/{pid}/{int(start) - 1}")


@pytest.mark.parametrize("part", [0, 1])
def test_of_another_machine_or_container_nothing_is_claimed(part: int) -> None:
    words = identity().split("/")
    words[part] += "0"
    words[2] = "999999999"
    assert not is_gone("/".join(words))


def test_nothing_is_known_of_nothing() -> None:
    assert not is_gone("")
