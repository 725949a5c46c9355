"""The door of the program: words, exit codes, streams, and what a start may load."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from helm_tyk_upgrade import __version__, cli
from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.verbs import VERBS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("requests", "lightkube", "httpx2", "rich", "ruamel", "yaml", "semver", "platformdirs")


class Result:
    """What a command printed and its exit code."""

    def __init__(self, code: int, streams: Streams) -> None:
        self.code = code
        assert isinstance(streams.stdout, io.StringIO)
        assert isinstance(streams.stderr, io.StringIO)
        self.out, self.err = streams.stdout.getvalue(), streams.stderr.getvalue()


def run(*argv: str, **env: str) -> Result:
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    return Result(cli.main(argv, env, streams), streams)


def _takes_yes(parser: ArgumentParser) -> None:
    parser.add_argument("release", nargs="?", default="")
    parser.add_argument("--yes", action="store_true")


Pretend = Callable[[Callable[[Namespace, Context], int]], None]


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """`plan` and `upgrade` take a release and do what the test says."""

    def arrange(act: Callable[[Namespace, Context], int]) -> None:
        module = SimpleNamespace(add_arguments=_takes_yes, run=act)
        monkeypatch.setattr(cli, "import_module", lambda name: module)

    return arrange


@pytest.mark.parametrize("argv", [["--help"], ["-h"], ["help"], ["-n", "apis", "--help"]])
def test_help_lists_every_command(argv: list[str]) -> None:
    result = run(*argv)
    assert result.code == Exit.OK
    assert all(f"  {name} " in result.out and text in result.out for name, text in VERBS.items())


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_command_explains_itself_on_standard_output(verb: str) -> None:
    result = run(verb, "--help")
    assert (result.code, result.err) == (Exit.OK, "")
    assert result.out.startswith(f"usage: tyk-upgrade {verb}")
    assert run("help", verb).out == result.out


def test_the_program_is_named_as_it_was_called() -> None:
    assert "helm tyk-upgrade plan" in run("plan", "--help", HELM_PLUGIN_DIR="/p").out
    assert "Usage: helm tyk-upgrade" in run("--help", HELM_PLUGIN_DIR="/p").out


def test_an_unknown_command_names_those_that_exist() -> None:
    result = run("my-release")
    assert (result.code, result.out) == (Exit.ERROR, "")
    assert "there is no command 'my-release'" in result.err
    assert "upgrade my-release" in result.err
    assert ", ".join(VERBS) in result.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["plan", "--no-such-flag"], "unrecognized arguments: --no-such-flag"),
        (["plan", "a", "b"], "unrecognized arguments: b"),
        (["plan", "-o", "yaml"], "invalid choice: 'yaml'"),
        (["plan", "--rollout-timeout", "soon"], "'soon' is no duration"),
        (["plan", "--consecutive", "0"], "'0' is no positive number"),
        (["plan", "--vers", "5.3.0"], "unrecognized arguments"),
        (["apply"], "the following arguments are required: FILE"),
        (["plan", "--install"], "--install cannot be used here"),
        (["plan", "--reuse-values"], "--reuse-values cannot be used here"),
        (["plan", "-n"], "-n needs a value"),
    ],
)
def test_a_usage_error_is_exit_1_with_a_hint(argv: list[str], words: str) -> None:
    result = run(*argv)
    assert (result.code, result.out) == (Exit.ERROR, "")
    assert words in result.err
    assert result.err.startswith("Error: ")


def test_a_bare_call_is_an_upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    module = SimpleNamespace(add_arguments=_takes_yes, run=lambda args, context: 0)

    def load(name: str) -> SimpleNamespace:
        asked.append(name)
        return module

    monkeypatch.setattr(cli, "import_module", load)
    assert run().code == run("--yes").code == run("-n", "apis").code == Exit.OK
    assert set(asked) == {"helm_tyk_upgrade.verbs.upgrade"}


@pytest.mark.parametrize(
    "argv",
    [["-n", "apis", "plan", "tyk"], ["plan", "-napis", "tyk"], ["--qps", "3", "plan", "tyk", "-n=apis"]],
)
def test_global_flags_may_stand_anywhere(pretend: Pretend, argv: list[str]) -> None:
    seen: list[tuple[str, str]] = []

    def act(args: Namespace, context: Context) -> int:
        seen.append((args.release, context.namespace))
        return 0

    pretend(act)
    assert run(*argv).code == Exit.OK
    assert seen == [("tyk", "apis")]


@pytest.mark.parametrize("code", [Exit.ERROR, Exit.BLOCKED, Exit.NOT_HEALTHY])
def test_an_expected_error_has_its_words_hint_and_code(pretend: Pretend, code: Exit) -> None:
    def act(args: Namespace, context: Context) -> int:
        context.masker.learn(["c4n4ry-secret"])
        raise TykUpgradeError("no c4n4ry-secret \x1b[31m", "look at c4n4ry-secret", exit_code=code)

    pretend(act)
    result = run("plan")
    assert result.code == code
    assert result.err.startswith("Error: no secret:")
    assert "  -> look at secret:" in result.err
    assert "c4n4ry" not in result.err
    assert "\x1b" not in result.err


@pytest.mark.parametrize("env", [{}, {"HELM_DEBUG": "true"}])
def test_an_internal_error_shows_no_secret_and_is_exit_1(pretend: Pretend, env: dict[str, str]) -> None:
    def act(args: Namespace, context: Context) -> int:
        context.masker.learn(["c4n4ry-secret"])
        raise RuntimeError("boom with c4n4ry-secret")

    pretend(act)
    result = run("plan", **env)
    assert (result.code, result.out) == (Exit.ERROR, "")
    assert "Internal error: RuntimeError: boom with secret:" in result.err
    assert "c4n4ry" not in result.err
    assert ("Traceback" in result.err) == bool(env)
    assert ("--debug" in result.err) != bool(env)


def test_the_cluster_token_of_the_command_line_is_a_secret(pretend: Pretend) -> None:
    def act(args: Namespace, context: Context) -> int:
        raise TykUpgradeError(f"refused: {context.env['HELM_KUBETOKEN']}")

    pretend(act)
    assert "t0k3n" not in run("plan", "--kube-token", "c4n4ry-t0k3n").err


def test_ctrl_c_is_exit_130(pretend: Pretend) -> None:
    def act(args: Namespace, context: Context) -> int:
        raise KeyboardInterrupt

    pretend(act)
    result = run("plan")
    assert (result.code, result.err) == (Exit.SIGINT, "Interrupted.\n")


def test_without_a_terminal_nothing_is_asked_and_nothing_is_coloured(pretend: Pretend) -> None:
    seen: list[tuple[bool, bool, int]] = []

    def act(args: Namespace, context: Context) -> int:
        seen.append((context.can_ask, context.color, context.width))
        return 0

    pretend(act)
    run("plan")
    assert seen == [(False, False, 80)]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "asks", "colours"),
    [
        ({}, True, True),
        ({"CI": "true"}, False, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_a_terminal_is_asked_and_coloured_unless_told_not_to(
    env: dict[str, str], asks: bool, colours: bool
) -> None:
    context = Context(env, Streams(Terminal(), Terminal(), Terminal()))
    assert (context.can_ask, context.color, context.width) == (asks, colours, 80)


def python(*words: str, **more: str) -> list[str]:
    return [sys.executable, *words]


def environment() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}


def test_the_version_is_printed_by_the_real_program() -> None:
    command = python("-m", "helm_tyk_upgrade", "version")
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


@pytest.mark.parametrize("all_gone", [False, True])
def test_a_broken_pipe_is_exit_1_without_words(all_gone: bool) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = python("-m", "helm_tyk_upgrade", "--help")
    with os.fdopen(writer, "wb") as gone:
        stderr = gone if all_gone else subprocess.PIPE
        done = subprocess.run(command, env=environment(), stdout=gone, stderr=stderr, check=False, timeout=60)
    assert (done.returncode, done.stderr or b"") == (Exit.ERROR, b"")


LOADED = """
import sys
from helm_tyk_upgrade import cli
code = cli.main(sys.argv[1:])
found = [name for name in {heavy!r} if name in sys.modules]
print(code, *found, file=sys.stderr)
"""


@pytest.mark.parametrize("argv", [["plan", "--help"], ["--help"], ["version"], ["upgrade", "--help"]])
def test_help_and_version_load_no_third_party_package(argv: list[str]) -> None:
    command = python(
        "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + LOADED.format(heavy=HEAVY)
    )
    done = subprocess.run(
        [*command, *argv], env=environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == "0\n"
