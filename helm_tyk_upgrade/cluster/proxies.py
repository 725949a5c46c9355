"""Which HTTP proxy stands between us and the API server: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go reads
them. Pure.

Rules: https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config (Helm and kubectl follow them).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(server: str, env: Mapping[str, str]) -> str:
    """The proxy URL for this server, "" for none. Loopback addresses and `localhost` are never proxied."""
    parts = urlsplit(server)
    host, port = (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
    name = f"{parts.scheme.upper()}_PROXY"
    proxy = env.get(name) or env.get(name.lower()) or ""
    if not proxy or host == "localhost" or (_address(host) and ipaddress.ip_address(host).is_loopback):
        return ""
    exempt = env.get("NO_PROXY") or env.get("no_proxy") or ""
    if any(_matches(host, port, entry.strip().lower()) for entry in exempt.split(",") if entry.strip()):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _matches(host: str, port: int, entry: str) -> bool:
    if entry == "*":
        return True
    if "/" in entry and _address(host):
        try:
            return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, _, wanted = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
    if wanted and wanted != str(port):
        return False
    name = name.strip("[]").removeprefix("*")
    if _address(host):
        return host == name
    return (host == name.removeprefix(".") and not name.startswith(".")) or host.endswith(
        "." + name.lstrip(".")
    )
