"""What a crashing container said last."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.targets.last_words import worst_line

START = 'time="Nov 23 20:04:35" level=info msg="Tyk API Gateway v5.13.1" prefix=main\n'
ERROR = 'time="Nov 23 20:04:36" level=error msg="cannot connect to Redis" prefix=storage\n'
FATAL = 'time="Nov 23 20:04:37" level=fatal msg="no listen port" prefix=main\n'
PANIC = "panic: runtime error: invalid memory address\n\ngoroutine 1 [running]:\nmain.main()\n"


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (START + FATAL + ERROR, FATAL),
        (START + ERROR + PANIC, "panic: runtime error: invalid memory address"),
        (START + ERROR + START, ERROR),
        (START + "exec format error\n\n", "exec format error"),
        ("\n \n", ""),
    ],
    ids=["fatal before later errors", "panic, not its stack", "the error", "the last line", "nothing"],
)
def test_the_worst_line_is_quoted(log: str, line: str) -> None:
    assert worst_line(log) == line.rstrip("\n")
