"""One door to the API server: every call gets its identity, its retries and its errors in words here."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2
import tenacity

from helm_tyk_upgrade import __version__
from helm_tyk_upgrade.cluster.access import Access
from helm_tyk_upgrade.cluster.credentials import credentials
from helm_tyk_upgrade.cluster.refusals import Unreachable, refusal
from helm_tyk_upgrade.cluster.tls import show_certificate, tls_context
from helm_tyk_upgrade.errors import ClusterError

STREAM = "stream"
"""Request extension: the body is read by the caller as it comes (watch, log, WebSocket)."""
VERBATIM = "verbatim"
"""Request extension: any status is an answer, and nothing is repeated: it comes from the application behind a
proxy of the API server."""

_ATTEMPTS = 4
_BUSY = (429, 500, 502, 503, 504)
_READS = ("GET", "HEAD")
_BROKEN = (httpx2.TransportError, httpx2.DecodingError)
_CUT_OFF = (httpx2.RemoteProtocolError, httpx2.DecodingError)
_BACKOFF = tenacity.wait_exponential(multiplier=0.2, max=2) + tenacity.wait_random(0, 0.2)


class _Again(Exception):
    """The attempt may be repeated. error: what to say when no attempt is left; after: seconds the server
    asked for."""

    def __init__(self, error: Exception, after: float = 0.0) -> None:
        super().__init__()
        self.error = error
        self.after = after


class ApiTransport(httpx2.BaseTransport):
    """Raises ClusterError or NotFound for whatever is not a success; see STREAM and VERBATIM for exceptions.

    Reads are repeated on 429, 5xx and lost connections; writes only where the server certainly did not act
    (429, no connection). https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
    """

    def __init__(self, access: Access, env: Mapping[str, str]) -> None:
        self._access = access
        self._credentials = credentials(access, env)
        self._shown = ""
        self._tls = tls_context(access)
        try:
            self._inner = httpx2.HTTPTransport(
                verify=self._tls, proxy=access.proxy or None, limits=httpx2.Limits(max_connections=64)
            )
        except (ImportError, ValueError) as error:
            raise ClusterError(
                f"the proxy {_host(access.proxy)} for the API server cannot be used",
                "only http:// and https:// proxies can",
            ) from error

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.extensions.get(VERBATIM):
            return self._speak(request)
        attempts = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=_pause,
            retry=tenacity.retry_if_exception_type(_Again),
            reraise=True,
        )
        try:
            return attempts(self._attempt, request)
        except _Again as last:
            raise last.error from None

    def close(self) -> None:
        self._inner.close()

    def _attempt(self, request: httpx2.Request) -> httpx2.Response:
        safe = request.method in _READS
        try:
            response = self._identified(request)
            if response.status_code < 400 and request.extensions.get(STREAM):
                return response
            response.read()
        except _BROKEN as error:
            translated = self._unreachable(error)
            if _never_sent(error) or (safe and isinstance(error, (httpx2.NetworkError, *_CUT_OFF))):
                raise _Again(translated) from error
            raise translated from error
        if response.status_code < 400:
            return response
        problem = refusal(response.status_code, response.content, _what(request))
        if response.status_code == 429 or (safe and response.status_code in _BUSY):
            raise _Again(problem, _retry_after(response))
        raise problem

    def _identified(self, request: httpx2.Request) -> httpx2.Response:
        """One exchange; a 401 is tried once more where the credentials can be renewed."""
        response = self._send(request)
        if response.status_code == 401 and self._credentials.renew():
            response.close()
            response = self._send(request)
        return response

    def _speak(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = self._identified(request)
            if not request.extensions.get(STREAM):
                response.read()  # here, where an answer that is cut off has its words
            return response
        except _BROKEN as error:
            raise self._unreachable(error) from error

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        credential = self._credentials.current()
        if credential.certificate and credential.certificate != self._shown:
            show_certificate(self._tls, credential.certificate, credential.key)
            self._shown = credential.certificate
        if credential.authorization:
            request.headers["Authorization"] = credential.authorization
        request.headers["User-Agent"] = f"helm-tyk-upgrade/{__version__}"
        if self._access.as_user:
            request.headers["Impersonate-User"] = self._access.as_user
            groups = [(b"Impersonate-Group", group.encode()) for group in self._access.as_groups]
            others = [pair for pair in request.headers.raw if pair[0].lower() != b"impersonate-group"]
            request.headers = httpx2.Headers([*others, *groups])
        if self._access.tls_server_name:
            request.extensions["sni_hostname"] = self._access.tls_server_name
        return self._inner.handle_request(request)

    def _unreachable(self, error: httpx2.RequestError) -> Unreachable:
        server = _host(self._access.server)
        if _untrusted(error):
            return Unreachable(
                f"the certificate of the API server {server} is not trusted",
                "kubeconfig must hold the cluster's certificate authority, and the server's name must match",
            )
        if isinstance(error, httpx2.TimeoutException):
            return Unreachable(
                f"the API server {server} did not answer in time", "check the network and the context"
            )
        if isinstance(error, httpx2.ProxyError):
            return Unreachable(
                f"the proxy before the API server {server} refused", "check HTTPS_PROXY or proxy-url"
            )
        if isinstance(error, _CUT_OFF):
            return Unreachable(
                f"the answer of the API server {server} was cut off",
                "try again; a proxy or load balancer on the way may close connections early",
            )
        return Unreachable(
            f"no connection to the API server {server}", "check the network, the context and HTTPS_PROXY"
        )


def _pause(state: tenacity.RetryCallState) -> float:
    last = state.outcome.exception() if state.outcome else None
    asked = last.after if isinstance(last, _Again) else 0.0
    return max(float(_BACKOFF(state)), asked)


def _retry_after(response: httpx2.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return min(float(text), 10.0) if text.isdigit() else 0.0


def _never_sent(error: Exception) -> bool:
    return isinstance(error, httpx2.ConnectError | httpx2.PoolTimeout) and not _untrusted(error)


def _untrusted(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _what(request: httpx2.Request) -> str:
    """`GET pods prod-1 in tyk`: the call as a person names it, without the query (it may be long)."""
    parts = [part for part in request.url.path.split("/") if part]
    if "namespaces" in parts[:-2]:
        where = parts.index("namespaces")
        return f"{request.method} {' '.join(parts[where + 2 :])} in {parts[where + 1]}"
    return f"{request.method} {'/'.join(parts[-2:])}"
