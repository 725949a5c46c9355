"""The test charts render what the published charts render, up to the deviations listed here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.testbed_chart.manifests import Render, leaves, objects

PUBLISHED = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "manifests"
VERSIONS = ("1.3.0", "1.6.0", "2.0.0", "2.2.0", "3.0.0", "4.0.0", "5.0.0", "5.1.1", "5.3.0")
VALUES = ("default", "full", "tls")
TEST_POD = r"Pod/prod-tyk-oss-test-tyk-oss spec\.containers\[health-check-container\]\."

DEVIATIONS = {
    "images come from the testbed's repository": r"(Deployment|StatefulSet)/(gateway|pump)-\S+ .*\.image",
    "the checksum covers our Secret": r"\S+ spec\.template\.metadata\.annotations\.checksum/secret",
    "the certificate is our own": r"Secret/tyk-default-tls-secret data\.tls\.(crt|key)",
    "our helm test only reads /hello": r"ConfigMap/test-tyk-oss-map data\.oss-test\.sh",
    "our helm test uses the testbed's image": TEST_POD + "image",
    "our helm test needs no API secret": TEST_POD + r"env\[TYK_GW_SECRET\]\..*",
    "our helm test asks the Service that exists": TEST_POD + r"env\[TYK_GW_SVC\]\.value",
}


@pytest.mark.helm
@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("version", VERSIONS)
def test_renders_what_the_published_chart_renders(render: Render, version: str, values: str) -> None:
    ours = objects(render(version, *_values_flags(values)))
    theirs = objects(_published(version, values))
    assert set(ours) == set(theirs)
    different = {
        f"{name} {path}: {old!r} -> {new!r}"
        for name in theirs
        for path, old, new in _changes(theirs[name], ours[name])
        if not any(re.fullmatch(pattern, f"{name} {path}") for pattern in DEVIATIONS.values())
    }
    assert different == set()


@pytest.mark.helm
@pytest.mark.parametrize("version", VERSIONS)
def test_image_tags_are_those_of_the_published_chart(render: Render, version: str) -> None:
    assert _tags(render(version, *_values_flags("full"))) == _tags(_published(version, "full"))


@pytest.mark.helm
def test_each_listed_deviation_is_still_one(render: Render) -> None:
    differing = set()
    for values in VALUES:
        ours, theirs = objects(render("5.3.0", *_values_flags(values))), objects(_published("5.3.0", values))
        differing |= {
            f"{name} {path}" for name in theirs for path, _, _ in _changes(theirs[name], ours[name])
        }
    unused = [
        why for why, pattern in DEVIATIONS.items() if not any(re.fullmatch(pattern, d) for d in differing)
    ]
    assert unused == []


def _published(version: str, values: str) -> str:
    path = PUBLISHED / f"tyk-oss-{version}-{values}.yaml"
    if not path.exists():
        pytest.skip(f"no recorded manifest {path.name}: the corpus folder is absent")
    return path.read_text()


def _values_flags(values: str) -> list[str]:
    return [] if values == "default" else ["-f", str(PUBLISHED / f"values-{values}.yaml")]


def _changes(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    before, after = dict(leaves(old)), dict(leaves(new))
    absent = object()
    paths = sorted(before.keys() | after.keys())
    return [(p, before.get(p), after.get(p)) for p in paths if before.get(p, absent) != after.get(p, absent)]


def _tags(manifest: str) -> dict[str, str]:
    found = {}
    for name, item in objects(manifest).items():
        for path, value in leaves(item):
            if path.endswith(".image") and "tyk" in str(value):
                found[f"{name} {path}"] = str(value).rsplit(":", 1)[-1]
    assert found
    return found
