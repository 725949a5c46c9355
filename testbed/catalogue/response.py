"""An answer as a record: what is sent and how, so that a fault is a function from answer to answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

Manner = Literal["whole", "cut", "hang", "drop"]


@dataclass(frozen=True)
class Response:
    """`manner`: send it whole, close in the middle of the body, never answer, or close at once.

    `delay` is in seconds before the first byte, `padding` a number of spaces sent after the body.
    """

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    manner: Manner = "whole"
    delay: float = 0.0
    padding: int = 0


@dataclass(frozen=True)
class Request:
    """`path` is percent-decoded, `query` has each name's first value, `headers` have lower-case names."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


def json_response(value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response(
        status,
        "application/json",
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
        headers,
    )


def html(title: str, status: int = 200) -> Response:
    page = (
        f"<!doctype html><html><head><title>{title}</title></head><body><div id=root></div></body></html>\n"
    )
    return Response(status, "text/html; charset=utf-8", page.encode())


def text(message: str, status: int) -> Response:
    return Response(status, "text/plain; charset=utf-8", f"{message}\n".encode())


def ranged(response: Response, header: str | None) -> Response:
    """`response` as Go's http.ServeContent gives it: with Accept-Ranges, and a byte range where asked."""
    response = _with_headers(response, ("Accept-Ranges", "bytes"))
    unit, _, wanted = (header or "").partition("=")
    if unit.strip() != "bytes" or "," in wanted:
        return response
    size = len(response.body)
    start, _, end = wanted.strip().partition("-")
    try:
        first = int(start) if start else max(0, size - int(end))
        last = min(int(end), size - 1) if start and end else size - 1
    except ValueError:
        return response
    if first > last:
        refused = text("invalid range: failed to overlap", 416)
        return _with_headers(refused, ("Content-Range", f"bytes */{size}"))
    part = Response(206, response.content_type, response.body[first : last + 1], response.headers)
    return _with_headers(part, ("Content-Range", f"bytes {first}-{last}/{size}"))


def _with_headers(response: Response, *more: tuple[str, str]) -> Response:
    return Response(response.status, response.content_type, response.body, response.headers + more)
