"""HTTP to catalogues and registries: the only user of requests. The Kubernetes API has its own client in
cluster/.

Proxies (HTTPS_PROXY, NO_PROXY) and CA bundles (REQUESTS_CA_BUNDLE, SSL_CERT_FILE) of the environment hold;
TLS is always verified; answers are bounded in size and time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from helm_tyk_upgrade import __version__
from helm_tyk_upgrade.errors import CatalogueError

if TYPE_CHECKING:
    import requests

USER_AGENT = f"helm-tyk-upgrade/{__version__}"


@dataclass(frozen=True)
class Answer:
    """A complete HTTP answer. Header names are lower-case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


class Http:
    """GET and HEAD with bounds. One session, so that connections are kept."""

    def __init__(self, *, ca_file: str = "", timeout: float = 35.0) -> None:
        self._ca_file = ca_file
        self._timeout = timeout

    @cached_property
    def _session(self) -> requests.Session:
        """Made at the first request: a plan whose catalogue is cached never needs it, and the import takes long."""
        import requests

        session = requests.Session()
        session.headers["User-Agent"] = USER_AGENT
        return session

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limit: int = 32 << 20,
        method: str = "GET",
    ) -> Answer:
        """Any status is an answer. Raises CatalogueError when there is none: no connection, bad certificate,
        cut off, larger than `limit` bytes, or slower than the time-out in all."""
        import requests

        try:
            with self._session.request(
                method,
                url,
                headers=dict(headers or {}),
                timeout=(min(10.0, self._timeout), self._timeout),
                stream=True,
                auth=_as_given,
                verify=self._ca_file or True,  # of the session it would lose against REQUESTS_CA_BUNDLE
            ) as response:
                body = b"" if method == "HEAD" else self._read(response, limit)
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.url, response.status_code, lower, body)
        except requests.exceptions.RequestException as error:
            raise CatalogueError(f"{_host(url)}: {_reason(error)}", _hint(error)) from error

    def _read(self, response: object, limit: int) -> bytes:
        import requests

        assert isinstance(response, requests.Response)
        deadline = time.monotonic() + self._timeout
        parts: list[bytes] = []
        size = 0
        _as_it_arrives(response.raw)
        for part in response.iter_content(64 << 10):
            size += len(part)
            parts.append(part)
            if size > limit:
                raise CatalogueError(f"{_host(response.url)}: the answer is larger than {limit >> 20} MiB")
            if time.monotonic() > deadline:
                raise CatalogueError(
                    f"{_host(response.url)}: the answer took longer than {self._timeout:.0f} s"
                )
        expected = response.headers.get("Content-Length", "")
        if expected.isdigit() and response.raw.tell() < int(expected):
            raise CatalogueError(f"{_host(response.url)}: the answer was cut off")
        return b"".join(parts)


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without an `auth` of its own requests takes one from ~/.netrc, and puts it in the place of our header."""
    return request


def _as_it_arrives(raw: Any) -> None:
    """Let requests hand out what has arrived, where urllib3 can (2.0 and newer), instead of waiting for a
    part to be full: a server that sends a byte now and then would hold us for ever."""
    read = getattr(raw, "read1", None)
    if read is not None:
        raw.stream = lambda amount, decode_content: iter(
            lambda: read(amount, decode_content=decode_content), b""
        )


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _reason(error: Exception) -> str:
    """Words for people: requests' own messages nest three exceptions and repeat the URL."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "its TLS certificate is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not answer"
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "redirects in a circle"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "the answer was cut off"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection"
    return f"the request failed ({type(error).__name__})"


def _hint(error: Exception) -> str:
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "give your company's CA with --ca-file or REQUESTS_CA_BUNDLE"
    return "check the network, HTTPS_PROXY and NO_PROXY"
