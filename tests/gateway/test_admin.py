"""The Gateway API, spoken with a small server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from helm_tyk_upgrade.gateway.admin import GatewayAdmin, merge_apis, parse_policy
from helm_tyk_upgrade.gateway.http import Loopback
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.known import Known, Unknown

CLASSIC = {"api_id": "a", "name": "First"}
OAS = {"x-tyk-api-gateway": {"info": {"id": "b", "name": "Second"}}}
OAS_AS_CLASSIC = {"api_id": "b", "name": "Second", "is_oas": True}
MCP = {"api_id": "c", "name": "Third"}
POLICY = {"id": "p", "name": "Gold", "access_rights": {}}
FORBIDDEN = {"status": "error", "message": "Attempted administrative access with invalid or missing key!"}


class Server:
    """Answers by path; remembers what was posted."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {
            "/tyk/apis": (200, [CLASSIC, OAS_AS_CLASSIC]),
            "/tyk/apis/oas": (200, [OAS]),
            "/tyk/apis?include_types=mcp": (200, [CLASSIC, OAS_AS_CLASSIC, MCP]),
            "/tyk/policies": (200, [POLICY]),
            "/tyk/reload?block=true": (200, {"status": "ok", "message": ""}),
        }
        self.posted: list[tuple[str, Any]] = []


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def admin(server: Server) -> Iterator[GatewayAdmin]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*server.answers.get(self.path, (404, {"status": "error", "message": "not found"})))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.posted.append((self.path, json.loads(body)))
            self._send(*server.answers.get(f"POST {self.path}", (200, {"status": "ok", "action": "added"})))

        def _send(self, code: int, body: Any) -> None:
            if self.headers["x-tyk-authorization"] != "right":
                code, body = 403, FORBIDDEN
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    with Loopback(f"http://127.0.0.1:{http.server_port}") as gateway:
        yield GatewayAdmin(gateway, "right")
    http.shutdown()
    http.server_close()


def test_every_api_is_listed_once_in_its_own_form(admin: GatewayAdmin) -> None:
    found = admin.inventory()
    assert isinstance(found, Known)
    assert [(api.id, api.name, api.form) for api in found.value.apis] == [
        ("a", "First", "classic"),
        ("b", "Second", "oas"),
        ("c", "Third", "mcp"),
    ]
    assert [(policy.id, policy.name) for policy in found.value.policies] == [("p", "Gold")]


def test_a_wrong_secret_is_unknown_not_empty(server: Server, admin: GatewayAdmin) -> None:
    admin._headers = {"x-tyk-authorization": "wrong"}
    assert admin.inventory() == Unknown("the gateway does not accept the API secret")
    assert isinstance(admin.reload(), Unknown)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/tyk/apis", (500, {"message": "boom"})),
        ("/tyk/apis", (404, b"Not Found")),
        ("/tyk/apis", (200, b"<html>")),
        ("/tyk/apis", (200, {"status": "ok"})),
        ("/tyk/policies", (404, {"message": "no"})),
        ("/tyk/apis?include_types=mcp", (500, {})),
    ],
)
def test_whatever_is_no_list_is_unknown(
    server: Server, admin: GatewayAdmin, path: str, answer: tuple[int, Any]
) -> None:
    server.answers[path] = answer
    found = admin.inventory()
    assert isinstance(found, Unknown)
    assert found.reason


@pytest.mark.parametrize("answer", [(404, {"message": "API not found"}), (200, None), (200, [])])
def test_a_gateway_without_oas_has_none(server: Server, admin: GatewayAdmin, answer: tuple[int, Any]) -> None:
    server.answers["/tyk/apis/oas"] = answer
    found = admin.apis()
    assert isinstance(found, Known)
    assert {api.form for api in found.value} == {"classic", "mcp"}


def test_what_is_created_goes_to_the_place_of_its_form(server: Server, admin: GatewayAdmin) -> None:
    assert admin.create_api(ApiDefinition("a", "First", "classic", CLASSIC)) == Known("a")
    assert admin.create_api(ApiDefinition("b", "Second", "oas", OAS)) == Known("b")
    assert admin.create_policy(Policy("p", "Gold", POLICY)) == Known("p")
    assert admin.reload() == Known(None)
    assert server.posted == [("/tyk/apis", CLASSIC), ("/tyk/apis/oas", OAS), ("/tyk/policies", POLICY)]


def test_what_cannot_be_created_is_unknown_with_the_gateways_words(
    server: Server, admin: GatewayAdmin
) -> None:
    server.answers["POST /tyk/apis"] = (400, {"status": "error", "message": "Request malformed\x1b[2J"})
    found = admin.create_api(ApiDefinition("a", "First", "classic", CLASSIC))
    assert found == Unknown("HTTP 400: Request malformed\\x1b[2J")
    assert isinstance(admin.create_api(ApiDefinition("c", "Third", "mcp", MCP)), Unknown)


def test_a_blank_policy_is_none() -> None:
    assert parse_policy({"id": "", "_id": "", "name": "", "access_rights": None}) is None
    assert parse_policy({"_id": "x", "name": ""}) == Policy("x", "", {"_id": "x", "name": ""})


def test_names_are_made_printable() -> None:
    [api] = merge_apis([{"api_id": "a", "name": "\x1b[2J"}], [], [])
    assert api.name == "\\x1b[2J"


def test_nothing_loaded_is_known_to_be_nothing(server: Server, admin: GatewayAdmin) -> None:
    for path in ("/tyk/apis", "/tyk/apis/oas", "/tyk/apis?include_types=mcp", "/tyk/policies"):
        server.answers[path] = (200, [])
    assert admin.inventory() == Known(Inventory())
