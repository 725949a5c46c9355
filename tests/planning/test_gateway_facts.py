"""The gateway version: read from manifests, edited where it belongs, refused where the edit would have no effect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import TykUpgradeError, UsageError
from helm_tyk_upgrade.model.inputs import Layers, RunSettings
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.planning.gateway_facts import gateway_facts, version_in, with_gateway_version
from tests.applying.build import RELEASE
from tests.planning.test_planfile import request
from tests.targets.build import gateway_manifest

OLD = gateway_manifest()
TODAY = "2026-11-23"
PLAIN = request(gateway_version="")


def at(tag: str) -> str:
    return OLD.replace("tyk-gateway:v5.3.8", f"tyk-gateway{tag}")


def test_both_versions_are_read_from_the_manifests() -> None:
    found = gateway_facts(PLAIN, OLD, at(":v5.13.1"), "5.3.0", TODAY)
    assert found.before == Known("5.3.8")
    assert isinstance(found.target, Known)
    assert found.target.value.version == Known("5.13.1")
    assert isinstance(found.support, Known)


@pytest.mark.parametrize("tag", [":company-7", "", f":v5.13.1@sha256:{'ab' * 32}"])
def test_a_tag_that_is_no_version_is_unknown(tag: str) -> None:
    found = gateway_facts(PLAIN, OLD, at(tag), "5.3.0", TODAY)
    assert isinstance(found.target, Known)
    assert isinstance(found.target.value.version, Unknown)
    assert isinstance(found.support, Unknown)


def test_a_manifest_without_a_gateway_is_unknown() -> None:
    found = gateway_facts(PLAIN, OLD, "kind: ConfigMap\n", "5.3.0", TODAY)
    assert isinstance(found.target, Unknown)
    assert isinstance(version_in("kind: ConfigMap\n"), Unknown)


def test_the_expected_version_is_carried_along() -> None:
    asked = replace(PLAIN, settings=RunSettings(expect_version="v5.13.1"))
    found = gateway_facts(asked, OLD, at(":company-7"), "5.3.0", TODAY)
    assert isinstance(found.target, Known)
    assert found.target.value.expected == "5.13.1"


def test_a_version_that_a_later_layer_overrides_is_refused() -> None:
    asked = request(gateway_version="5.13.1")
    gateway_facts(asked, OLD, at(":v5.13.1"), "5.3.0", TODAY)
    gateway_facts(asked, OLD, at(":5.13.1"), "5.3.0", TODAY)
    with pytest.raises(UsageError, match=r"the image is still .*tyk-gateway:v5\.9\.1"):
        gateway_facts(asked, OLD, at(":v5.9.1"), "5.3.0", TODAY)


def test_the_tag_is_edited_in_its_file() -> None:
    data = b"tyk-gateway:\n  gateway:\n    image:\n      tag: v5.3.8\n"
    file = ValuesFile("values.yaml", data, sha256(data), 0o600)
    layers = Layers(("values.yaml",))
    asked = request(gateway_version="5.13.1")
    same, edited = with_gateway_version(asked, RELEASE, OLD, layers, (file,), TODAY, 4)
    assert same == layers
    assert edited[0].after == data.replace(b"v5.3.8", b"v5.13.1")


def test_without_a_file_the_tag_is_the_highest_layer() -> None:
    asked = request(gateway_version="5.13.1")
    layers, edited = with_gateway_version(asked, RELEASE, OLD, Layers((b"{}",)), (), TODAY, 4)
    assert edited == ()
    assert b'"tag": "v5.13.1"' in layers.in_memory[-1]


def test_nothing_asked_changes_nothing() -> None:
    assert with_gateway_version(PLAIN, RELEASE, OLD, Layers(), (), TODAY, 4) == (Layers(), ())


def test_an_image_pinned_by_digest_and_an_unknown_chart_are_refused() -> None:
    asked = request(gateway_version="5.13.1")
    with pytest.raises(UsageError, match="pinned by digest"):
        with_gateway_version(asked, RELEASE, at(f"@sha256:{'ab' * 32}"), Layers(), (), TODAY, 4)
    with pytest.raises(TykUpgradeError, match="chart umbrella"):
        with_gateway_version(asked, replace(RELEASE, chart="umbrella"), OLD, Layers(), (), TODAY, 4)
