"""Real child processes: outputs kept apart, no shell, signals, death of the parent."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.errors import TykUpgradeError

PYTHON = sys.executable


@pytest.fixture
def processes() -> Processes:
    return Processes({"PATH": os.environ["PATH"], "CANARY": "seen"})


def test_outputs_are_kept_apart_and_the_exit_code_is_a_result(processes: Processes) -> None:
    done = processes.run([PYTHON, "-c", "import sys; print(1); print(2, file=sys.stderr); sys.exit(7)"])
    assert (done.returncode, done.stdout, done.stderr) == (7, b"1\n", b"2\n")


def test_words_are_not_read_by_a_shell(processes: Processes) -> None:
    assert processes.run(["echo", "$HOME; `id` *"]).stdout == b"$HOME; `id` *\n"


def test_standard_input_is_given_or_empty(processes: Processes) -> None:
    assert processes.run(["cat"], stdin=b"x" * 200_000).stdout == b"x" * 200_000
    assert processes.run(["cat"]).stdout == b""


def test_only_the_given_environment_is_seen(processes: Processes) -> None:
    done = processes.run([PYTHON, "-c", "import os; print(sorted(os.environ))"])
    assert b"CANARY" in done.stdout
    assert b"HOME" not in done.stdout


def test_the_folder_can_be_chosen(processes: Processes, tmp_path: Path) -> None:
    assert processes.run(["pwd"], cwd=tmp_path).stdout.decode().strip() == str(tmp_path)


def test_a_program_that_is_not_there_or_not_executable_is_an_error(
    processes: Processes, tmp_path: Path
) -> None:
    with pytest.raises(TykUpgradeError, match="no such program"):
        processes.run(["no-such-program"])
    (tmp_path / "plain").write_text("x")
    with pytest.raises(TykUpgradeError, match="may not be executed"):
        processes.run([str(tmp_path / "plain")])


def test_a_program_that_takes_too_long_is_an_error(processes: Processes) -> None:
    with pytest.raises(TykUpgradeError, match="no answer in 0 s"):
        processes.run(["sleep", "30"], timeout=0.2)


def test_a_child_is_watched_and_waited_for(processes: Processes) -> None:
    child = processes.start(["cat"], stdin=b"hello")
    done = child.wait(10)
    assert done is not None
    assert (done.returncode, done.stdout, child.running) == (0, b"hello", False)


def test_a_child_that_still_runs_has_no_result_yet(processes: Processes) -> None:
    child = processes.start(["sleep", "30"])
    assert child.wait(0.1) is None
    assert child.running
    child.interrupt()
    done = child.wait(10)
    assert done is not None
    assert done.returncode == -2
    child.interrupt()  # one that ended is left alone


def test_a_child_has_a_session_of_its_own(processes: Processes) -> None:
    child = processes.start([PYTHON, "-c", "import os; print(os.getsid(0) == os.getpid())"])
    done = child.wait(10)
    assert done is not None
    assert done.stdout == b"True\n"


def test_long_output_and_output_of_its_children_are_collected(processes: Processes) -> None:
    child = processes.start(["sh", "-c", "head -c 3000000 /dev/zero; (echo two >&2); echo end"])
    done = child.wait(10)
    assert done is not None
    assert (len(done.stdout), done.stdout[-4:], done.stderr) == (3_000_004, b"end\n", b"two\n")


def test_what_a_child_leaves_running_is_not_waited_for(processes: Processes) -> None:
    child = processes.start(["sh", "-c", "sleep 5 & echo done"])
    done = child.wait(3)
    assert done is not None
    assert done.stdout == b"done\n"


def killed_parent_of(script: str, folder: Path, **options: bool) -> None:
    """A parent that started a shell with this script is killed with SIGKILL once the script has said that it runs."""
    parent = subprocess.Popen(
        [PYTHON, "-c",
         "import os, sys, time\n"
         "from helm_tyk_upgrade.edge.process import Processes\n"
         f"child = Processes(dict(os.environ)).start(['sh', '-c', {script!r}], **{options!r})\n"
         "time.sleep(30)\n"],
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    wait_for(folder / "ready")
    parent.kill()
    parent.wait()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
def test_a_child_is_told_when_we_are_killed_and_may_still_speak(tmp_path: Path) -> None:
    """It gets SIGTERM. Helm then says so first and marks the release as failed after that: with a pipe to us it
    would die of SIGPIPE in between."""
    told = tmp_path / "told"
    killed_parent_of(
        f"trap 'echo cancelled; echo cancelled >&2; echo term > {told}; exit' TERM; "
        f"echo ready > {tmp_path}/ready; while :; do sleep 0.05; done",
        tmp_path,
    )
    wait_for(told)
    assert told.read_text() == "term\n"


def test_a_child_that_outlives_us_goes_on_to_its_end(tmp_path: Path) -> None:
    told = tmp_path / "told"
    killed_parent_of(
        f"trap 'echo term > {told}; exit' TERM; "
        f"echo ready > {tmp_path}/ready; sleep 0.5; echo going on; echo ended > {told}",
        tmp_path,
        outlives=True,
    )
    wait_for(told)
    assert told.read_text() == "ended\n"


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path.name} never came"
        time.sleep(0.02)
