"""Health and readiness answers: the recorded ones, and whatever else may listen there."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from helm_tyk_upgrade.gateway.hello import parse_hello, parse_ready, read_hello, read_ready
from helm_tyk_upgrade.gateway.http import LIMIT, Answer, Loopback
from helm_tyk_upgrade.model.gateway import Hello, NoHello, Ready

START = b'{"status":"pass","version":"5.8.1","description":"Tyk GW"}\n'
WELL = (
    b'{"status":"pass","version":"5.13.1","description":"Tyk GW","details":{"redis":{"status":"pass",'
    b'"componentType":"datastore","time":"2026-11-23T20:04:35Z"}}}\n'
)
DOWN = (
    b'{"status":"fail","version":"5.13.1","description":"Tyk GW","details":{"redis":{"status":"fail",'
    b'"output":"storage: Redis is either down or was not configured",'
    b'"componentType":"datastore","time":"2026-11-23T20:04:45Z"}}}'
)
JSON = "application/json"
HTML = b"<!DOCTYPE html><html><body>log in</body></html>"


@pytest.mark.parametrize(
    ("code", "body", "hello"),
    [
        (200, START, Hello(200, "pass", "5.8.1", "absent", description="Tyk GW")),
        (200, WELL, Hello(200, "pass", "5.13.1", "pass", "2026-11-23T20:04:35Z", description="Tyk GW")),
        (
            200,
            DOWN,
            Hello(
                200,
                "fail",
                "5.13.1",
                "fail",
                "2026-11-23T20:04:45Z",
                "storage: Redis is either down or was not configured",
                "Tyk GW",
            ),
        ),
        (503, START.replace(b"pass", b"fail"), Hello(503, "fail", "5.8.1", "absent", description="Tyk GW")),
        (
            200,
            START.replace(b"5.8.1", b"v4.0.0"),
            Hello(200, "pass", "4.0.0", "absent", description="Tyk GW"),
        ),
        (200, b'{"status":"warn","version":"5.8.1"}', Hello(200, "warn", "5.8.1", "absent")),
    ],
    ids=["at start", "well", "Redis down", "503", "with v", "warn"],
)
def test_recorded_answers(code: int, body: bytes, hello: Hello) -> None:
    assert parse_hello(Answer(code, JSON, body)) == hello


@pytest.mark.parametrize(
    ("code", "kind", "body"),
    [
        (200, "text/html; charset=utf-8", HTML),
        (404, "text/plain", b"Not Found"),
        (405, JSON, b'{"status":"error","message":"Method Not Allowed"}'),
        (200, JSON, b""),
        (200, JSON, b"null"),
        (200, JSON, b"[]"),
        (200, JSON, b'"pass"'),
        (200, JSON, b'{"status":"pass"}'),
        (200, JSON, b'{"status":"pass","version":5}'),
        (200, JSON, b'{"status":["pass"],"version":"5.8.1"}'.replace(b"[", b"{").replace(b"]", b":1}")),
        (200, JSON, b'{"status":"UP","version":"5.8.1"}'),
        (200, JSON, b"[" * 100_000),
        (200, "\x1b[2Jevil", b"\xff\xfe\x00"),
    ],
)
def test_anything_else_is_strange(code: int, kind: str, body: bytes) -> None:
    found = parse_hello(Answer(code, kind, body))
    assert isinstance(found, NoHello)
    assert (found.kind, found.status_code) == ("strange", code)
    assert "\x1b" not in found.reason


@pytest.mark.parametrize("redis", [b"null", b"[]", b"{}", b'"x"', b"7"])
def test_details_of_another_shape_are_absent(redis: bytes) -> None:
    body = b'{"status":"pass","version":"5.8.1","details":{"redis":' + redis + b"}}"
    found = parse_hello(Answer(200, JSON, body))
    assert isinstance(found, Hello)
    assert found.redis == "absent"


def test_terminal_escapes_are_made_visible() -> None:
    body = b'{"status":"pass","version":"5.8.1\\u001b[2J","description":"\\u202eevil"}'
    found = parse_hello(Answer(200, JSON, body))
    assert isinstance(found, Hello)
    assert found.version == "5.8.1\\x1b[2J"
    assert found.description == "\\u202eevil"


@pytest.mark.parametrize(
    ("code", "body", "ready"),
    [
        (404, b"Not Found", Ready(404, False, False)),
        (
            200,
            b'{"status":"pass","version":"5.13.1","description":"Tyk GW Ready"}',
            Ready(200, True, True, "Tyk GW Ready"),
        ),
        (
            503,
            b'{"status":"error","message":"Redis connection not available"}',
            Ready(503, True, False, "Redis connection not available"),
        ),
        (
            503,
            b'{"status":"error","message":"Gateway is shutting down"}',
            Ready(503, True, False, "Gateway is shutting down"),
        ),
    ],
)
def test_readiness(code: int, body: bytes, ready: Ready) -> None:
    assert parse_ready(Answer(code, JSON, body)) == ready


def test_a_strange_readiness_answer_is_no_answer() -> None:
    assert isinstance(parse_ready(Answer(200, "text/html", HTML)), NoHello)


Serve = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server whose every connection is handled by a function."""
    listeners: list[socket.socket] = []

    def start(handle: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def loop() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_guarded, args=(handle, connection), daemon=True).start()

        threading.Thread(target=loop, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


def _guarded(handle: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with connection:
        try:
            connection.recv(65536)
            handle(connection)
        except OSError:
            return  # the client hung up first: that is what some tests are about


def response(body: bytes, length: int | None = None) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % (len(body) if length is None else length)
        + body
    )


def drip(connection: socket.socket) -> None:
    connection.sendall(response(b"", 100))
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("handle", "kind"),
    [
        (lambda connection: time.sleep(5), "slow"),
        (drip, "slow"),
        (lambda connection: None, "lost"),
        (lambda connection: connection.sendall(response(WELL, 9999)), "lost"),
        (lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9\r\n\r\n"), "strange"),
        (lambda connection: connection.sendall(response(b" " * (LIMIT + 10))), "strange"),
    ],
    ids=["silent", "a byte at a time", "hangs up", "cut off", "not HTTP", "huge"],
)
def test_a_bad_server_is_a_value(serve: Serve, handle: Callable[[socket.socket], None], kind: str) -> None:
    began = time.monotonic()
    with Loopback(serve(handle), timeout=0.6) as gateway:
        found = read_hello(gateway, "/hello")
    assert isinstance(found, NoHello), found
    assert found.kind == kind
    assert time.monotonic() - began < 3


def test_a_good_server_is_read(serve: Serve) -> None:
    with Loopback(serve(lambda connection: connection.sendall(response(WELL)))) as gateway:
        assert isinstance(read_hello(gateway, "/hello"), Hello)
        assert isinstance(read_ready(gateway, "/ready"), Ready)


def test_nobody_listening_is_refused() -> None:
    with Loopback("http://127.0.0.1:9") as gateway:
        found = read_hello(gateway, "/hello")
    assert isinstance(found, NoHello)
    assert found.kind == "refused"


def test_a_certificate_is_left_unverified_only_on_loopback() -> None:
    with pytest.raises(ValueError, match="not a loopback"):
        Loopback("https://gateway.example.com")


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example.com/\r\nContent-Length: 0\r\n\r\n"
    with Loopback(serve(lambda connection: connection.sendall(moved))) as gateway:
        found = read_hello(gateway, "/hello")
    assert isinstance(found, NoHello)
    assert found.status_code == 302
