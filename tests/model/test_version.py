"""Versions and ranges, by table and against Helm's own (Masterminds) on real binaries."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.model import version as versions

LISTED = (
    "0.0.3", "0.2.0", "0.2.9", "0.3.0", "1.0.0-beta1", "1.0.0", "1.2.0", "1.2.3", "1.2.4", "1.3.0-rc.1",
    "1.3.0", "2.0.0-alpha.1", "2.0.0", "2.1.7", "3.0.0", "10.0.0", "10.2.0",
)  # fmt: skip

# No comparator beside another one that names a prerelease: there Helm's versions disagree with each other.
RANGES = (
    "1.2.3", "=1.2.3", "v1.2.3", "1.2", "1", "1.x", "1.2.x", "x", "*", "1.2.*", "X",
    ">1.2", ">1", ">=1.2", "<1.2", "<=1.2", "<=1", "<2", ">=2", "!=1.2.3", "!=1.2", "!=1.x",
    "~1.2.3", "~1.2", "~1", "~1.x", "~>1.2", "^1.2.3", "^1.2", "^1", "^0.2.0", "^0.2", "^0.0.3", "^0.0", "^0",
    "^1.x",
    ">=1.2, <2", ">=1.2 <2", ">= 1.2 < 2", ">=1.2,<2", "1.2 - 2.0", "1.2.0 - 1.2.4", "1.2 - 2",
    "<1 || >=10",
    "1.2.3 || 2.x || ~10.0", ">1 !=1.2.4 <1.3", "=>1.2", "=<1.2", ">=1.0.0-0", ">1.2.0-0", "~1.3.0-0",
    "^1.3.0-rc.0",
    "1.3.0-rc.1", "^2.0.0-0", ">=9", ">9.0.0-0", "<0.0.1", "<1.0.0-beta2",
)  # fmt: skip
NONSENSE = ("", "newest", ">=", "1.2.3.4", "1..2", ">=1.2 and <2", "a.b.c", "1.2.3 ||", "^^1")


def admitted(text: str) -> set[str]:
    accepted = versions.parse_range(text)
    return {version for version in LISTED if version in accepted}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2.x", {"1.2.0", "1.2.3", "1.2.4"}),
        ("^1.2.3", {"1.2.3", "1.2.4", "1.3.0"}),
        ("~1.2.3", {"1.2.3", "1.2.4"}),
        ("^0.2.0", {"0.2.0", "0.2.9"}),
        ("1.2.0 - 1.2.4", {"1.2.0", "1.2.3", "1.2.4"}),
        (">=1.0.0-0 <1.2", {"1.0.0-beta1", "1.0.0"}),
        ("<1 || >=10", {"0.0.3", "0.2.0", "0.2.9", "0.3.0", "10.0.0", "10.2.0"}),
        ("*", set(LISTED) - {"1.0.0-beta1", "1.3.0-rc.1", "2.0.0-alpha.1"}),
        ("!=1.2", set(LISTED) - {"1.0.0-beta1", "1.3.0-rc.1", "2.0.0-alpha.1", "1.2.0", "1.2.3", "1.2.4"}),
    ],
)
def test_ranges(text: str, expected: set[str]) -> None:
    assert admitted(text) == expected
    assert str(versions.parse_range(text)) == text


@pytest.mark.parametrize("text", NONSENSE)
def test_what_is_no_range_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"version"):
        versions.parse_range(text)


@pytest.mark.helm
def test_ranges_are_those_of_helm(each_helm: Any, helm_home: Path) -> None:
    search = searcher(each_helm.path, helm_home)
    # Before 3.18, `!=` let prereleases in.
    old = tuple(map(int, each_helm.version.split("."))) < (3, 18)
    asked = [text for text in RANGES if not (old and "!=" in text)]
    assert {text: search(text) for text in asked} == {text: admitted(text) for text in asked}


@pytest.mark.helm
def test_what_is_no_range_for_us_is_none_for_helm(each_helm: Any, helm_home: Path) -> None:
    search = searcher(each_helm.path, helm_home)
    accepted = [text for text in NONSENSE if text and search(text) is not None]
    assert accepted == []


def searcher(helm: Path, home: Path) -> Callable[[str], set[str] | None]:
    """A question to `helm search repo --version RANGE` over an index of LISTED; None where Helm refuses."""
    entries = "".join(
        f"  - {{apiVersion: v2, name: c, version: {version}, urls: [c-{version}.tgz]}}\n"
        for version in LISTED
    )
    cache = home / "cache" / "repository"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "r-index.yaml").write_text(f"apiVersion: v1\nentries:\n  c:\n{entries}")
    (home / "repositories.yaml").write_text(
        'apiVersion: ""\nrepositories:\n- {name: r, url: "http://127.0.0.1:9/"}\n'
    )
    env = {
        **os.environ,
        "HELM_REPOSITORY_CONFIG": str(home / "repositories.yaml"),
        "HELM_REPOSITORY_CACHE": str(cache),
    }

    def search(text: str) -> set[str] | None:
        words = [str(helm), "search", "repo", "r/c", "--versions", "--version", text, "-o", "json"]
        done = subprocess.run(words, capture_output=True, env=env, check=False)
        return {item["version"] for item in json.loads(done.stdout)} if done.returncode == 0 else None

    return search


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5.13.1", True),
        ("v5.13.1", True),
        ("5.13.1-rc1+x", True),
        ("5.13", False),
        ("", False),
        ("vv1.0.0", False),
    ],
)
def test_is_version(text: str, expected: bool) -> None:
    assert versions.is_version(text) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("5.9.1", "5.10.0", -1), ("v5.9.1", "5.9.1", 0), ("1.0.0-rc1", "1.0.0", -1), ("2.0.0", "1.9.9", 1)],
)
def test_compare(left: str, right: str, expected: int) -> None:
    assert versions.compare(left, right) == expected


def test_compare_refuses_what_is_no_version() -> None:
    with pytest.raises(ValueError, match="latest"):
        versions.compare("1.0.0", "latest")


def test_newest_first_leaves_other_texts_out() -> None:
    assert versions.newest_first(["5.9.1", "latest", "v5.10.0", "5.10.0-rc1"]) == [
        "v5.10.0",
        "5.10.0-rc1",
        "5.9.1",
    ]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("v5.13.1", "5.13.1"), ("5.13.1", "5.13.1"), ("v5.13", None), ("latest", None), ("sha256:00", None)],
)
def test_gateway_version(tag: str, expected: str | None) -> None:
    assert versions.gateway_version(tag) == expected


def test_prereleases() -> None:
    assert versions.is_prerelease("1.0.0-beta1")
    assert not versions.is_prerelease("1.0.0+build")
    assert not versions.is_prerelease("latest")
