"""Asking a public catalogue politely: one request at a time, one retry, and nothing asked twice in five
minutes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.edge.files import private_folder, sha256, write_atomic
from helm_tyk_upgrade.edge.http import Answer, Http
from helm_tyk_upgrade.errors import CatalogueError, TykUpgradeError
from helm_tyk_upgrade.model.secrets import printable

T = TypeVar("T")
FIVE_MINUTES = 300.0
FOREVER = float("inf")
LONGEST_WAIT = 20.0
"""Seconds that a Retry-After is obeyed at most; a server that asks for more is left alone."""
RETRIED = (429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Page:
    """A 200 answer, from the server or from the cache."""

    content_type: str
    body: bytes


class Polite:
    """GET with a cache on disk (None: no cache). Raises CatalogueError when there is no usable answer."""

    def __init__(self, http: Http, clock: Clock, cache: Path | None = None) -> None:
        self._http = http
        self._clock = clock
        self._cache = cache
        self._turn = threading.Lock()

    def get(
        self, url: str, read: Callable[[Page], T], *, fresh_for: float = FIVE_MINUTES, limit: int = 32 << 20
    ) -> T:
        """What `read` makes of a 200 answer that is not older than `fresh_for` seconds.

        An answer that `read` refuses (a login page, half a document) is not kept. Any status but 200 raises
        UnexpectedStatus; 429 and 5xx are asked again once, after Retry-After where the server names one.
        """
        with self._turn:
            page = self._cached(url, fresh_for)
            if page is not None:
                return read(page)
            answer = self._ask(url, limit)
            if answer.status != 200:
                raise UnexpectedStatus(url, answer)
            page = Page(answer.content_type, answer.body)
            value = read(page)
            self._keep(url, page)
            return value

    def _ask(self, url: str, limit: int) -> Answer:
        answer = self._http.get(url, limit=limit)
        if answer.status not in RETRIED:
            return answer
        wait = retry_after(answer)
        if wait is None or wait > LONGEST_WAIT:
            return answer
        self._clock.sleep(wait)
        return self._http.get(url, limit=limit)

    def _cached(self, url: str, fresh_for: float) -> Page | None:
        if self._cache is None:
            return None
        try:
            kept = json.loads(self._place(url).read_text(encoding="utf-8"))
            age = self._clock.now().timestamp() - float(kept["fetched"])
            if not 0 <= age < fresh_for:
                return None
            return Page(str(kept["content_type"]), str(kept["body"]).encode())
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or written by something else: ask the server

    def _keep(self, url: str, page: Page) -> None:
        if self._cache is None:
            return
        try:
            text = page.body.decode("utf-8")
            private_folder(self._cache)
            kept = {
                "fetched": self._clock.now().timestamp(),
                "content_type": page.content_type,
                "body": text,
            }
            write_atomic(self._place(url), json.dumps(kept).encode(), mode=0o600)
        except (TykUpgradeError, UnicodeDecodeError):
            return  # a cache that cannot be written costs a request later, nothing else

    def _place(self, url: str) -> Path:
        assert self._cache is not None
        return self._cache / f"{sha256(url.encode())}.json"


class UnexpectedStatus(CatalogueError):
    """The server answered, but not with 200."""

    def __init__(self, url: str, answer: Answer) -> None:
        self.status = answer.status
        words, hint = _STATUS.get(answer.status, ("it answered with an error", "try again later"))
        super().__init__(f"{_host(url)}: HTTP {answer.status}: {words}", hint)


_STATUS = {
    401: ("credentials are needed", "add the repository to Helm with its credentials: helm repo add"),
    403: ("access is refused, or too many requests were made", "wait some minutes, or use --catalogue FILE"),
    404: ("there is no such page", "check the name and the address"),
    429: ("too many requests were made", "wait some minutes, or use --catalogue FILE"),
}


def retry_after(answer: Answer) -> float | None:
    """Seconds to wait before the one retry: as the server says; 1 for a 5xx without a word; None where a busy
    server names no time (asking again at once would only make it worse)."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said)
    return 1.0 if answer.status >= 500 and not said else None


def shown(url: str) -> str:
    """A URL for people: without the credentials that may stand in it, and printable."""
    parts = urlsplit(url)
    return printable(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")))


def _host(url: str) -> str:
    return printable(urlsplit(url).netloc.rpartition("@")[2]) or "the catalogue"
