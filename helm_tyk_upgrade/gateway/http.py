"""A small HTTP client for a gateway at the end of a tunnel on loopback: bounded in time and size, tolerant of
all."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlsplit

import httpx2

from helm_tyk_upgrade.model.gateway import NoHello

LIMIT = 1 << 20
"""Bytes of a health answer that are read; the real ones have about 300."""


@dataclass(frozen=True)
class Answer:
    """body: at most the limit; cut: there was more."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    cut: bool = False


class Asking(Protocol):
    """Whatever carries a request to one gateway: a tunnel's end, or the API server's pod proxy."""

    def request(
        self,
        method: Literal["GET", "POST", "PUT"],
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        limit: int = LIMIT,
    ) -> Answer | NoHello: ...


class Loopback:
    """Keeps its connections, so that a second request through the tunnel costs no new one."""

    def __init__(self, base_url: str, *, timeout: float = 5.0) -> None:
        if urlsplit(base_url).hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError(f"{base_url} is not a loopback address")
        # Certificates are not verified, here and nowhere else: the chart's own is self-signed for the name
        # `*`, and this connection ends on our side of a tunnel that the API server has authenticated.
        self._client = httpx2.Client(
            base_url=base_url, verify=_unverified(), timeout=timeout, trust_env=False, follow_redirects=False
        )
        self._timeout = timeout

    def __enter__(self) -> Loopback:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def request(
        self,
        method: Literal["GET", "POST", "PUT"],
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        limit: int = LIMIT,
    ) -> Answer | NoHello:
        """Any complete answer is an Answer; everything else a NoHello with its reason. Never raises for the
        network. A GET that was lost is asked once more: the other side may have closed a kept connection."""
        answer = self._once(method, path, headers, content, limit)
        if method == "GET" and isinstance(answer, NoHello) and answer.kind == "lost":
            return self._once(method, path, headers, content, limit)
        return answer

    def _once(
        self, method: str, path: str, headers: Mapping[str, str] | None, content: bytes | None, limit: int
    ) -> Answer | NoHello:
        try:
            with self._client.stream(method, path, headers=dict(headers or {}), content=content) as response:
                body, cut = self._body(response, limit)
                return Answer(response.status_code, response.headers.get("content-type", ""), body, cut)
        except httpx2.TimeoutException:
            return NoHello("slow", f"no answer within {self._timeout:g} s")
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return _no_answer(error)

    def _body(self, response: httpx2.Response, limit: int) -> tuple[bytes, bool]:
        until = time.monotonic() + self._timeout
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > limit:
                return b"".join(parts)[:limit], True
            if time.monotonic() > until:  # a byte a second keeps every single read within its time
                raise httpx2.ReadTimeout("the whole answer took too long")
        return b"".join(parts), False


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _no_answer(error: Exception) -> NoHello:
    words = str(error).lower()
    if "certificate required" in words.replace("_", " ") or "bad certificate" in words.replace("_", " "):
        return NoHello("certificate", "the gateway asks for a client certificate")
    if isinstance(error, httpx2.ConnectError) and "refused" in words:
        return NoHello("refused", "nothing listens on the port")
    if (
        isinstance(error, httpx2.RemoteProtocolError)
        and "disconnected" not in words
        and "closed" not in words
    ):
        return NoHello("strange", "the answer is not HTTP")
    if isinstance(error, httpx2.DecodingError):
        return NoHello("strange", "the answer's encoding is broken")
    return NoHello("lost", f"the connection was lost ({type(error).__name__})")
