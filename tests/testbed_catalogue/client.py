"""A small HTTP client that shows what was sent, byte by byte."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """One connection a request, no redirects followed; `timeout` in seconds."""

    base: str
    timeout: float = 5.0

    def __call__(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        parts = urllib.parse.urlsplit(self.base + path)
        connection = http.client.HTTPConnection(parts.netloc, timeout=self.timeout)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, urllib.parse.urlunsplit(("", "", *parts[2:])), body, sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()
