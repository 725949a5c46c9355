"""Paths and names, and that real manifests have those names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.helmyaml import manifests
from helm_tyk_upgrade.tyk.charts import fullname, gateway_path, repository_path, tag_path


@pytest.mark.parametrize(
    ("chart", "expected"),
    [
        ("tyk-oss", ("tyk-gateway", "gateway", "image", "tag")),
        ("tyk-data-plane", ("tyk-gateway", "gateway", "image", "tag")),
        ("tyk-gateway", ("gateway", "image", "tag")),
        ("company-tyk", None),
        ("tyk-headless", None),
    ],
)
def test_tag_path(chart: str, expected: tuple[str, ...] | None) -> None:
    assert tag_path(chart) == expected


def test_other_paths() -> None:
    assert repository_path("tyk-oss") == ("tyk-gateway", "gateway", "image", "repository")
    assert gateway_path("tyk-gateway") == ()


@pytest.mark.parametrize(
    ("release", "chart", "values", "expected"),
    [
        ("prod", "tyk-oss", {}, "prod-tyk-gateway"),
        ("my-tyk-gateway", "tyk-oss", {}, "my-tyk-gateway"),
        ("prod", "tyk-gateway", {"nameOverride": "gw"}, "prod-gw"),
        ("prod", "tyk-oss", {"tyk-gateway": {"nameOverride": "pro"}}, "prod"),
        ("prod", "tyk-oss", {"tyk-gateway": {"fullnameOverride": "edge"}}, "edge"),
        ("prod", "tyk-oss", {"fullnameOverride": "ignored", "tyk-gateway": None}, "prod-tyk-gateway"),
        ("prod", "tyk-gateway", {"fullnameOverride": "edge"}, "edge"),
        ("x" * 53, "tyk-oss", {}, f"{'x' * 53}-tyk-gatew"),
        ("x" * 50, "tyk-oss", {}, f"{'x' * 50}-tyk-gateway"),
        ("prod", "tyk-gateway", {"fullnameOverride": "y" * 62 + "-z"}, "y" * 62),
    ],
)
def test_fullname(release: str, chart: str, values: dict[str, Any], expected: str) -> None:
    assert fullname(release, chart, values) == expected


@pytest.mark.parametrize("version", ["1.0.0", "2.2.0", "5.3.0"])
def test_real_manifests_use_that_name(shared: Path, version: str) -> None:
    text = (shared / "corpus" / "manifests" / f"tyk-oss-{version}-default.yaml").read_text(encoding="utf-8")
    names = {(item.object["kind"], item.object["metadata"]["name"]) for item in manifests(text)}
    full = fullname("prod", "tyk-oss", {})
    assert {("Deployment", f"gateway-{full}"), ("Service", f"gateway-svc-{full}")} <= names
