"""One repository of one registry, asked as one identity: the challenge, the token, the question again."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from helm_tyk_upgrade.edge.http import Answer, Http
from helm_tyk_upgrade.errors import CatalogueError
from helm_tyk_upgrade.registries.challenge import Challenge, challenges, token_url
from helm_tyk_upgrade.registries.credentials import Credential, read_config
from helm_tyk_upgrade.registries.reference import Reference

LIMIT = 8 << 20
"""Bytes: containerd takes no larger manifest either."""
_TOKEN_LIMIT = 1 << 20


class Refused(CatalogueError):
    """The registry, or its token server, does not let this identity see the repository; another one may."""


@dataclass
class Session:
    """Not for several threads. Credentials go to the registry itself over TLS (or to this machine), and to the token
    server that it names, as the token specification has it; never on to where an answer redirects."""

    http: Http
    image: Reference
    credential: Credential
    _base: str = ""
    _authorization: str = ""

    def get(self, path: str, *, accept: str = "", method: str = "GET") -> Answer:
        """The answer to `/v2/<repository>/<path>`, whatever its status but 401, 403 and 429: those raise Refused.
        CatalogueError where there is no usable answer."""
        url = f"{self._base_url()}/v2/{self.image.repository}/{path}"
        answer = self._ask(url, accept, method)
        if answer.status == 401 and not self._authorization:
            self._authorization = self._authorize(answer, url)
            answer = self._ask(url, accept, method)
        if answer.status in _REFUSALS:
            raise Refused(
                f"{self.image.endpoint}: {_REFUSALS[answer.status]} (HTTP {answer.status}{self._who})"
            )
        return answer

    @property
    def _who(self) -> str:
        return f", with {self.credential.source}"

    def _ask(self, url: str, accept: str, method: str) -> Answer:
        headers = {"Accept": accept} if accept else {}
        if self._authorization:
            headers["Authorization"] = self._authorization
        answer = self.http.get(url, headers=headers, limit=LIMIT, method=method)
        if url.startswith("https:") and not answer.url.startswith("https:"):
            raise CatalogueError(f"{self.image.endpoint}: it answers by way of an address without TLS")
        return answer

    def _base_url(self) -> str:
        """HTTPS; for a registry on this machine plain HTTP too, where it speaks no TLS."""
        if not self._base:
            secure = f"https://{self.image.endpoint}"
            self._base = (
                secure if not self.image.loopback or self._speaks_tls(secure) else f"http{secure[5:]}"
            )
        return self._base

    def _speaks_tls(self, base: str) -> bool:
        try:
            self.http.get(f"{base}/v2/", limit=LIMIT, method="HEAD")
        except CatalogueError:
            return False
        return True

    def _authorize(self, answer: Answer, url: str) -> str:
        """The Authorization header that the challenge asks for. Where a redirect led, nobody may ask for it."""
        if urlsplit(answer.url)[:2] != urlsplit(url)[:2]:
            raise Refused(f"{self.image.endpoint}: access is refused where it redirects to (HTTP 401)")
        if self.credential.registry_token:
            return f"Bearer {self.credential.registry_token}"
        for challenge in challenges(answer.headers.get("www-authenticate", "")):
            if challenge.scheme == "bearer":
                return f"Bearer {self._token(challenge)}"
            if challenge.scheme == "basic" and self.credential.username:
                return self.credential.basic
        raise Refused(f"{self.image.endpoint}: credentials are needed (HTTP 401{self._who})")

    def _token(self, challenge: Challenge) -> str:
        try:
            url = token_url(challenge, self.image.repository, plain=self._base.startswith("http:"))
        except ValueError as error:
            raise CatalogueError(f"{self.image.endpoint}: {error}") from error
        if self.credential.identity_token:
            raise Refused(
                f"{self.image.endpoint}: {self.credential.source} holds an identity token, which is not supported",
                "log in with a user name and a password or access token",
            )
        headers = {} if self.credential.anonymous else {"Authorization": self.credential.basic}
        answer = self.http.get(url, headers=headers, limit=_TOKEN_LIMIT)
        if answer.status in _REFUSALS:
            raise Refused(f"{self.image.endpoint}: no token is given (HTTP {answer.status}{self._who})")
        document = read_config(answer.body) if answer.status == 200 else None
        token = (document or {}).get("token") or (document or {}).get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise CatalogueError(
                f"{self.image.endpoint}: its token server gives no token (HTTP {answer.status})"
            )
        return token


_REFUSALS = {
    401: "access is refused, or there is no such repository",
    403: "access is refused, or there is no such repository",
    429: "too many requests were made",
}
