"""Which answers of a gateway tell something, and when they are enough. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from helm_tyk_upgrade.model.gateway import Hello, Reading


def fresh(readings: Sequence[Reading]) -> list[Hello]:
    """The answers that rest on a look at Redis made after our first question.

    A gateway looks every 10 s and repeats the result in between, so for that long a healthy answer may be
    stale: only an answer with a new details.redis.time tells something. The first time seen may be an old one
    too, unless there was none before.
    """
    found: list[Hello] = []
    last: str | None = None
    for reading in readings:
        hello = reading.answer
        if not isinstance(hello, Hello) or reading.tunnel:
            continue
        if last is not None and hello.redis != "absent" and hello.redis_time != last:
            found.append(hello)
        last = hello.redis_time
    return found


def healthy(readings: Sequence[Reading], consecutive: int) -> bool:
    """Whether the newest fresh answers, as many as asked for, all say that the gateway and its Redis are
    well."""
    newest = fresh(readings)[-consecutive:]
    return len(newest) == consecutive and all(_well(hello) for hello in newest) and _still_well(readings[-1])


def _well(hello: Hello) -> bool:
    return hello.status == "pass" and hello.redis == "pass"


def _still_well(reading: Reading) -> bool:
    return isinstance(reading.answer, Hello) and _well(reading.answer)
