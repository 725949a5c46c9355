"""Which proxy stands before the API server."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.cluster.proxies import proxy_for

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("server", "env", "proxy"),
    [
        ("https://api.example.com", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://api.example.com", {"https_proxy": "proxy:3128"}, PROXY),
        ("http://api.example.com", {"HTTP_PROXY": PROXY}, PROXY),
        ("https://api.example.com", {"HTTP_PROXY": PROXY}, ""),
        ("https://api.example.com", {}, ""),
        ("https://127.0.0.1:6443", {"HTTPS_PROXY": PROXY}, ""),
        ("https://[::1]:6443", {"HTTPS_PROXY": PROXY}, ""),
        ("https://localhost:6443", {"HTTPS_PROXY": PROXY}, ""),
    ],
)
def test_the_scheme_decides_and_loopback_is_direct(server: str, env: dict[str, str], proxy: str) -> None:
    assert proxy_for(server, env) == proxy


@pytest.mark.parametrize(
    ("server", "exempt", "direct"),
    [
        ("https://api.example.com", "*", True),
        ("https://api.example.com", "example.com", True),
        ("https://api.example.com", ".example.com", True),
        ("https://example.com", ".example.com", False),
        ("https://example.com", "example.com", True),
        ("https://api.example.com", "*.example.com", True),
        ("https://notexample.com", "example.com", False),
        ("https://api.example.com:6443", "example.com:443", False),
        ("https://api.example.com:6443", "example.com:6443", True),
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://11.1.2.3", "10.0.0.0/8", False),
        ("https://10.1.2.3", "not/a/net", False),
        ("https://10.1.2.3", "10.1.2.3", True),
        ("https://api.example.com", "other.org, example.com", True),
        ("https://api.example.com", "", False),
    ],
)
def test_no_proxy_is_read_as_go_reads_it(server: str, exempt: str, direct: bool) -> None:
    found = proxy_for(server, {"HTTPS_PROXY": PROXY, "NO_PROXY": exempt})
    assert found == ("" if direct else PROXY)
