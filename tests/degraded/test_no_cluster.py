"""Without an API server that answers, every command says so in words, at once, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.degraded.program import Ended, Program, kubeconfig
from tests.degraded.proxy import FaultyServer, Trouble

pytestmark = pytest.mark.helm
TOKEN = "canary-token-that-expired-0123456789"
COMMANDS = (
    ("plan", "--version", "5.3.0", "--out", "plan.json"),
    ("upgrade", "--yes", "--version", "5.3.0"),
    ("verify",),
    ("backup",),
    ("rollback", "--yes"),
)


def status(code: int, reason: str, message: str) -> str:
    return json.dumps(
        {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}
    )


@dataclass(frozen=True)
class World:
    """server: where kubeconfig points; words: what is told of it, in small letters; hint: part of the next step."""

    words: str
    hint: str
    server: str = ""
    trouble: Trouble | None = None


LOGIN_PAGE = Trouble(status=200, body="<html>log in</html>", content_type="text/html")
WORLDS = {
    "connection refused": World("connection refused", "KUBECONFIG", "http://127.0.0.1:9"),
    "a host without a name": World("no such host", "KUBECONFIG", "https://no-such-host.invalid:6443"),
    "no kubeconfig": World("cannot be reached", "KUBECONFIG"),
    "an expired token": World(
        "credentials are not accepted",
        "log in",
        trouble=Trouble(status=401, body=status(401, "Unauthorized", "")),
    ),
    "503 of a load balancer": World(
        "busy or down",
        "try again",
        trouble=Trouble(status=503, body="<html>no backend</html>", content_type="text/html"),
    ),
    "429 for ever": World(
        "busy or down",
        "try again",
        trouble=Trouble(status=429, retry_after=1, body=status(429, "TooManyRequests", "slow down")),
    ),
    "a login page for everything": World("helm list", "", trouble=LOGIN_PAGE),
}


@pytest.fixture
def run(
    program: Program, broken_server: FaultyServer, tmp_path: Path
) -> Callable[[World, tuple[str, ...]], Ended]:
    def run(world: World, command: tuple[str, ...]) -> Ended:
        config = tmp_path / "kubeconfig"
        if world.server or world.trouble:
            kubeconfig(config, world.server or broken_server.url, token=TOKEN)
        with broken_server.troubled(*(world.trouble,) if world.trouble else ()):
            return program.run(*command, KUBECONFIG=str(config))

    return run


@pytest.mark.parametrize("world", WORLDS)
def test_a_plan_is_refused_with_reason_and_next_step(
    run: Callable[[World, tuple[str, ...]], Ended], program: Program, world: str
) -> None:
    ended = run(WORLDS[world], COMMANDS[0])
    assert (ended.code, ended.out) == (1, ""), ended
    assert WORLDS[world].words in ended.err.lower()
    assert WORLDS[world].hint in ended.err
    assert "Internal error" not in ended.err
    assert TOKEN not in ended.err
    assert ended.seconds < 30
    assert not list(program.work.iterdir()), "half a plan file"
    assert not program.state.exists(), "half a run"


@pytest.mark.parametrize(
    ("world", "command"),
    [
        ("an expired token", COMMANDS[1]),
        ("connection refused", COMMANDS[2]),
        ("an expired token", COMMANDS[3]),
        ("connection refused", COMMANDS[4]),
    ],
)
def test_every_command_that_needs_it_ends_before_it_begins(
    run: Callable[[World, tuple[str, ...]], Ended], program: Program, world: str, command: tuple[str, ...]
) -> None:
    ended = run(WORLDS[world], command)
    assert (ended.code, ended.out) == (1, ""), ended
    assert WORLDS[world].words in ended.err.lower()
    assert "Internal error" not in ended.err
    assert TOKEN not in ended.err
    assert not [path for path in program.state.rglob("*") if path.is_file()], "half a run or bundle"


@pytest.mark.parametrize("world", ["no kubeconfig", "an expired token"])
def test_the_doctor_fails_the_cluster_and_knows_nothing_that_depends_on_it(
    run: Callable[[World, tuple[str, ...]], Ended], world: str
) -> None:
    ended = run(WORLDS[world], ("doctor",))
    assert ended.code == 3, ended
    assert "FAIL     cluster" in ended.out
    assert "unknown  releases" in ended.out
    assert "unknown  permissions" in ended.out
    assert TOKEN not in ended.out + ended.err


def test_what_needs_no_cluster_works_without(run: Callable[[World, tuple[str, ...]], Ended]) -> None:
    ended = run(WORLDS["connection refused"], ("versions",))
    assert ended.code == 0, ended
    assert "5.4.0" in ended.out
