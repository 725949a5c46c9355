"""Following changes over streams that end, break and expire."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.cluster.watching import follow


def line(kind: str, version: str, name: str = "a") -> str:
    return json.dumps({"type": kind, "object": {"metadata": {"name": name, "resourceVersion": version}}})


class Server:
    """Answers each watch request with the next script: lines, or an error to raise after them."""

    def __init__(self, *scripts: list[str | Exception]) -> None:
        self.scripts = list(scripts)
        self.asked: list[str] = []

    def stream(self, path: str, query: Mapping[str, str], patience: float) -> Iterator[str]:
        self.asked.append(query.get("resourceVersion", ""))
        for item in self.scripts.pop(0) if self.scripts else [ApiRefused("enough", "", code=403, reason="")]:
            if isinstance(item, Exception):
                raise item
            yield item


def changes(server: Server, seconds: float = 30) -> list[tuple[str, str]]:
    """What is seen until the server refuses at the end of its scripts."""
    found: list[tuple[str, str]] = []

    def take() -> None:
        for change in follow(server.stream, "api/v1/pods", "", seconds):
            metadata: Any = change.object.get("metadata", {})
            found.append((change.type, metadata.get("resourceVersion", "")))

    with pytest.raises(ApiRefused, match="enough"):
        take()
    return found


def test_a_stream_that_ends_is_taken_up_where_it_was() -> None:
    server = Server([line("ADDED", "5"), line("MODIFIED", "6")], [line("DELETED", "7")])
    assert changes(server) == [("ADDED", "5"), ("MODIFIED", "6"), ("DELETED", "7")]
    assert server.asked == ["", "6", "7"]


def test_a_bookmark_moves_the_place_and_is_no_change() -> None:
    server = Server([line("ADDED", "5"), line("BOOKMARK", "90")])
    assert changes(server) == [("ADDED", "5")]
    assert server.asked == ["", "90"]


def test_after_too_long_away_everything_is_listed_again() -> None:
    expired = json.dumps({"type": "ERROR", "object": {"code": 410, "message": "too old"}})
    server = Server([line("ADDED", "5"), expired], [line("ADDED", "9")])
    assert changes(server) == [("ADDED", "5"), ("RELISTED", ""), ("ADDED", "9")]
    assert server.asked == ["", "", "9"]


def test_a_lost_connection_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server = Server([line("ADDED", "5"), Unreachable("gone")], [line("MODIFIED", "6")])
    assert changes(server) == [("ADDED", "5"), ("MODIFIED", "6")]
    assert server.asked[:2] == ["", "5"]


def test_a_server_that_stays_away_is_an_error_at_the_end() -> None:
    server = Server([Unreachable("gone")], [Unreachable("gone")], [Unreachable("gone")])
    with pytest.raises(Unreachable):
        list(follow(server.stream, "api/v1/pods", "", 0.2))


def test_a_refusal_is_told_at_once() -> None:
    server = Server([ApiRefused("enough", "", code=403, reason="Forbidden")])
    assert changes(server) == []
    assert len(server.asked) == 1
