"""scripts/tyk-upgrade: the first run, the later ones, and what it does where something is in the way."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugin.harness import Plugin, fill_with_wheels, write_wheel

BASE = os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def wait_until(condition: Callable[[], object], what: str) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited 30 s for {what}")


def tools_without_python(folder: Path) -> Path:
    """A PATH with the POSIX tools of the launcher and no Python."""
    folder.mkdir()
    for tool in ("sh", "cmp", "uname", "id", "readlink", "tail", "cat", "sleep"):
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return folder


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_first_run_makes_the_environment_and_later_runs_only_use_it(plugin: Plugin, tmp_path: Path) -> None:
    first = plugin.run("plan", "my release", "", "--set=a=b c")
    assert first.returncode == 0, first.stderr
    assert "first run of" in first.stderr
    assert "environment ready" in first.stderr
    (environment,) = plugin.ready()
    told = json.loads(first.stdout)
    assert told["argv"] == ["plan", "my release", "", "--set=a=b c"]
    assert told["environment"] == str(environment)
    # No Python on PATH, no wheels, nothing to write to: the second run needs none of them.
    shutil.rmtree(plugin.folder / "wheels")
    env = {"PATH": str(tools_without_python(tmp_path / "bin")), "TYK_UPGRADE_PYTHON": None}
    second = plugin.run("plan", env=env)
    assert (second.returncode, second.stderr) == (0, "")
    assert json.loads(second.stdout)["environment"] == str(environment)
    assert not list(plugin.environments.glob("*.part-*"))
    assert plugin.run("exit", "7", env=env).returncode == 7


@pytest.mark.slow
def test_links_to_the_plugin_and_to_the_launcher_are_followed(plugin: Plugin, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(plugin.folder)
    (tmp_path / "tyk").symlink_to("linked/scripts/tyk-upgrade")
    done = subprocess.run(
        ["./tyk", "x"], cwd=tmp_path, env=plugin.settings, capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout)["argv"] == ["x"], done.stderr
    (environment,) = plugin.ready()
    assert json.loads(plugin.run("y").stdout)["environment"] == str(environment)


def test_neither_wheels_nor_index_names_the_offline_archive(bare_plugin: Plugin) -> None:
    done = bare_plugin.run("plan", env={"PIP_NO_INDEX": "1"})
    assert done.returncode == 1
    assert "could not be installed" in done.stderr
    assert "tyk-upgrade-0.1.0.tgz" in done.stderr
    assert bare_plugin.ready() == []
    assert not list(bare_plugin.environments.glob("*.part-*"))


@pytest.mark.slow
def test_wheels_that_do_not_fit_are_left_for_the_index(bare_plugin: Plugin, index: str) -> None:
    (bare_plugin.folder / "wheels").mkdir()
    done = bare_plugin.run("plan", env={"PIP_INDEX_URL": index, "NO_PROXY": "127.0.0.1"})
    assert done.returncode == 0, done.stderr
    assert "wheels do not fit" in done.stderr
    assert "No matching distribution found" in done.stderr


@pytest.mark.slow
def test_of_two_first_runs_one_waits(plugin: Plugin) -> None:
    launcher = str(plugin.folder / "scripts" / "tyk-upgrade")
    first = subprocess.Popen(
        [launcher, "a"], env=plugin.settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(lambda: list(plugin.environments.glob("*.part-*")), "the first builder")
    second = plugin.run("b")
    first_out, first_err = first.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0), (first_err, second.stderr)
    assert "waiting for it" in second.stderr
    assert "first run of" not in second.stderr
    assert json.loads(first_out)["environment"] == json.loads(second.stdout)["environment"]


@pytest.mark.slow
def test_a_killed_first_run_leaves_nothing_that_is_used(plugin: Plugin) -> None:
    launcher = str(plugin.folder / "scripts" / "tyk-upgrade")
    killed = subprocess.Popen(
        [launcher], env=plugin.settings, stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_until(lambda: list(plugin.environments.glob("*.part-*/bin/python")), "a half-made environment")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait(timeout=30)
    assert plugin.ready() == []
    (half_made,) = plugin.environments.glob("*.part-*")
    done = plugin.run("plan")
    assert done.returncode == 0, done.stderr
    assert not half_made.exists()


@pytest.mark.slow
def test_an_environment_whose_python_is_gone_is_made_again(plugin: Plugin) -> None:
    assert plugin.run().returncode == 0
    (environment,) = plugin.ready()
    python = environment / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    done = plugin.run("plan")
    assert done.returncode == 0, done.stderr
    assert plugin.ready() == [environment]
    assert not (environment / "replaced").exists()


@pytest.mark.slow
def test_changed_requirements_get_another_environment(plugin: Plugin) -> None:
    assert plugin.run().returncode == 0
    (old,) = plugin.ready()
    write_wheel(plugin.folder / "wheels", "newcomer", "1.0", "newcomer")
    with (plugin.folder / "requirements.txt").open("a") as requirements:
        requirements.write("newcomer==1.0\n")
    done = plugin.run()
    assert done.returncode == 0, done.stderr
    assert len(plugin.ready()) == 2, "a program may still be running from the old one"
    assert json.loads(done.stdout)["environment"] != str(old)


def test_packages_that_do_not_import_are_reported_and_not_used(plugin: Plugin) -> None:
    wheels = plugin.folder / "wheels"
    (found,) = wheels.glob("msgspec-*.whl")
    version = found.name.split("-")[1]
    write_wheel(wheels, "msgspec", version, "msgspec", "raise ImportError('wrong \\x1b[31mplatform')")
    done = plugin.run("plan")
    assert done.returncode == 1
    assert "wrong ?[31mplatform" in done.stderr
    assert "TYK_UPGRADE_PYTHON" in done.stderr
    assert plugin.ready() == []


def test_without_any_python_it_says_what_was_tried(plugin: Plugin, tmp_path: Path) -> None:
    tools = tools_without_python(tmp_path / "bin")
    env = {"PATH": str(tools), "TYK_UPGRADE_PYTHON": None}
    none_at_all = plugin.run(env=env)
    assert none_at_all.returncode == 1
    assert "none of them is on PATH" in none_at_all.stderr
    assert "apt install python3" in none_at_all.stderr
    script(tools / "python3.12", "echo 'ModuleNotFoundError: No module named zlib' >&2; exit 1")
    script(tools / "python3", "echo 'is 3.8, too old: 3.10 or newer is needed' >&2; exit 1")
    script(tools / "uv", "exit 2")
    bad_ones = plugin.run(env=env)
    assert bad_ones.returncode == 1
    assert "python3.12: ModuleNotFoundError: No module named zlib" in bad_ones.stderr
    assert "python3: is 3.8, too old" in bad_ones.stderr
    assert "uv: knows no Python" in bad_ones.stderr


@pytest.mark.slow
def test_a_broken_python_is_passed_over(plugin: Plugin, tmp_path: Path) -> None:
    tools = tools_without_python(tmp_path / "bin")
    script(tools / "python3.13", "kill -SEGV $$")
    script(tools / "python3", f'exec "{BASE}" "$@"')
    done = plugin.run("plan", env={"PATH": str(tools), "TYK_UPGRADE_PYTHON": str(tmp_path / "typo")})
    assert done.returncode == 0, done.stderr
    assert "typo cannot be used (there is no such command)" in done.stderr


def test_an_old_python_is_refused_by_its_own_version(bare_plugin: Plugin, tmp_path: Path) -> None:
    beside = Path(BASE).parents[2].glob("3.[6-9].*/bin/python3")  # as version managers lay them out
    on_path = map(shutil.which, ("python3.9", "python3.8", "python3.7"))
    tools = tools_without_python(tmp_path / "bin")
    for old in [*map(str, beside), *filter(None, on_path)]:
        done = bare_plugin.run(env={"PATH": str(tools), "TYK_UPGRADE_PYTHON": old})
        if "too old" in done.stderr:  # a version manager's shim only says that nothing is chosen
            break
    else:
        pytest.skip("no Python older than 3.10 here")
    assert done.returncode == 1
    assert re.search(r"is 3\.\d, too old: 3\.10 or newer is needed", done.stderr)


@pytest.mark.slow
def test_uv_is_asked_last(plugin: Plugin, tmp_path: Path) -> None:
    tools = tools_without_python(tmp_path / "bin")
    script(tools / "uv", f'[ "$1 $2" = "python find" ] && echo "{BASE}"')
    done = plugin.run("plan", env={"PATH": str(tools), "TYK_UPGRADE_PYTHON": None})
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_python_without_pip_and_ensurepip(bare_plugin: Plugin, tmp_path: Path) -> None:
    """As on Debian without python3-venv: the message names it; with a pip in wheels/ nothing is missing."""
    hide = (
        "import sys, runpy; sys.modules['pip'] = sys.modules['ensurepip'] = None; sys.argv = sys.argv[1:]; "
    )
    run = f'exec "{BASE}" -I -c "{hide} runpy.run_path(sys.argv[0], run_name=\'__main__\')" "$@"'
    without = script(tmp_path / "python3", f'[ "$2" != -c ] || exec "{BASE}" "$@"\nshift\n{run}')
    env = {"PATH": str(tools_without_python(tmp_path / "bin")), "TYK_UPGRADE_PYTHON": str(without)}
    done = bare_plugin.run("plan", env=env)
    assert done.returncode == 1
    assert "has no pip" in done.stderr
    assert "apt install python3-venv" in done.stderr
    bundled = next(Path(BASE).parents[1].glob("lib/python3*/ensurepip/_bundled/pip-*.whl"), None)
    if bundled is None:
        pytest.skip("this Python brings no pip wheel to try the second half with")
    fill_with_wheels(bare_plugin.folder / "wheels")
    shutil.copy(bundled, bare_plugin.folder / "wheels")
    assert bare_plugin.run("plan", env=env).returncode == 0


@pytest.mark.slow
def test_settings_that_would_send_packages_elsewhere_do_not(plugin: Plugin, tmp_path: Path) -> None:
    env = {
        "PIP_USER": "1",
        "PIP_TARGET": str(tmp_path / "elsewhere"),
        "PYTHONHOME": "/broken",
        "PYTHONPATH": "/broken",
    }
    done = plugin.run("plan", env=env)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.slow
@pytest.mark.parametrize("cache", ["", "relative/cache", "/dev/null/cache"])
def test_without_a_usable_cache_folder_a_private_one_is_used(plugin: Plugin, cache: str) -> None:
    env = {"HOME": None, "HELM_CACHE_HOME": cache}
    done = plugin.run("plan", env=env)
    assert done.returncode == 0, done.stderr
    assert "cannot be written" in done.stderr
    spare = plugin.home / f"tyk-upgrade-{os.getuid()}"
    assert spare.stat().st_mode & 0o777 == 0o700
    again = plugin.run("plan", env=env)
    assert (again.returncode, again.stderr) == (0, "")


def test_a_private_folder_that_others_could_have_prepared_is_refused(plugin: Plugin, tmp_path: Path) -> None:
    spare = plugin.home / f"tyk-upgrade-{os.getuid()}"
    env = {"HELM_CACHE_HOME": "/dev/null/cache"}
    spare.mkdir(mode=0o700)
    spare.chmod(0o777)
    opened = plugin.run("plan", env=env)
    assert opened.returncode == 1
    assert "not safe to use" in opened.stderr
    spare.rmdir()
    (tmp_path / "theirs").mkdir(mode=0o700)
    spare.symlink_to(tmp_path / "theirs")
    assert "not safe to use" in plugin.run("plan", env=env).stderr


def test_a_folder_that_was_asked_for_and_cannot_be_written_is_an_error(plugin: Plugin) -> None:
    done = plugin.run("plan", env={"TYK_UPGRADE_HOME": "/dev/null/mine"})
    assert done.returncode == 1
    assert "TYK_UPGRADE_HOME, /dev/null/mine, cannot be written" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["dash", "busybox", "bash", "ksh", "zsh"])
def test_every_posix_shell_runs_the_launcher(plugin: Plugin, shell: str) -> None:
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"no {shell} here")
    mode = {"busybox": ["sh"], "zsh": ["--emulate", "sh"]}.get(shell, [])
    command = [found, *mode, str(plugin.folder / "scripts" / "tyk-upgrade"), "plan"]
    done = subprocess.run(command, env=plugin.settings, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["argv"] == ["plan"], done.stderr
