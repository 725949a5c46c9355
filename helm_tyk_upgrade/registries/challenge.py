"""WWW-Authenticate of a registry, and where a token may be asked for. Pure.

https://distribution.github.io/distribution/spec/auth/token/ and RFC 9110, 11.6.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from helm_tyk_upgrade.registries.reference import is_loopback

_PIECE = re.compile(r'\s*,?\s*([A-Za-z0-9_.~+-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*)|(?=\s|,|$))')


@dataclass(frozen=True)
class Challenge:
    """scheme in lower case (`bearer`, `basic`); the parameters of a Bearer challenge, empty where not named."""

    scheme: str
    realm: str = ""
    service: str = ""


def challenges(header: str) -> tuple[Challenge, ...]:
    """The challenges of one header, in its order; what cannot be read ends the list."""
    found: list[tuple[str, dict[str, str]]] = []
    place = 0
    while match := _PIECE.match(header, place):
        name, value = match[1].lower(), match[2]
        if value is None:
            found.append((name, {}))
        elif found:
            found[-1][1].setdefault(name, _unquoted(value))
        place = match.end()
    return tuple(Challenge(scheme, said.get("realm", ""), said.get("service", "")) for scheme, said in found)


def token_url(challenge: Challenge, repository: str, *, plain: bool) -> str:
    """Where to ask for a token that lets us read the repository, and nothing else, whatever scope the challenge names.

    plain: the registry itself is a loopback one on plain HTTP. Raises ValueError for a realm that credentials must not
    be sent to: not https, or with a user in it.
    """
    parts = urlsplit(challenge.realm)
    near = plain and parts.scheme == "http" and is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not near:
        raise ValueError("it sends us to a token server without TLS")
    if not parts.hostname or "@" in parts.netloc:
        raise ValueError("it sends us to a token server whose address cannot be used")
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("service", "scope")]
    query += [("service", challenge.service)] if challenge.service else []
    query.append(("scope", f"repository:{repository}:pull"))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
