"""From manifests, values and baseline to what is known of the move; on real renders where they are at hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory
from helm_tyk_upgrade.model.knowledge import TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.planning.gateway_facts import gateway_facts
from helm_tyk_upgrade.planning.transition_facts import component_version, known_transitions, side
from tests.checks.build import baseline, pod
from tests.planning.test_planfile import request
from tests.targets.build import gateway_manifest

RELEASE = Release("prod", "tyk", 1, "deployed", "tyk-oss", "2.2.0")
OLD = gateway_manifest()
NEW = OLD.replace(":v5.3.8", ":v5.13.1")


def met(answer: Maybe[tuple[TransitionFinding, ...]]) -> set[str]:
    assert isinstance(answer, Known)
    return {one.id for one in answer.value if one.concerns == Known(True)}


def labelled(manifest: str, chart: str) -> str:
    return manifest.replace(
        "metadata: {name: gateway-tyk}", f"metadata: {{name: gateway-tyk, labels: {{chart: {chart}}}}}"
    )


def test_the_gateway_is_read_as_its_process_will_see_it() -> None:
    found = side(gateway_manifest(env="[{name: A, value: x}, {name: B, valueFrom: {secretKeyRef: {}}}]"))
    assert found.version == Known("5.3.8")
    assert (found.variables["A"], found.variables["B"]) == ("x", None)
    assert found.container["name"] == "gateway-tyk-gateway"


def test_a_manifest_without_a_gateway_has_no_version() -> None:
    found = side("kind: ConfigMap\nmetadata: {name: x}\n")
    assert isinstance(found.version, Unknown)
    assert len(found.objects) == 1
    assert isinstance(component_version("kind: ConfigMap\nmetadata: {name: x}\n"), Unknown)


def test_an_api_of_the_running_gateway_is_met() -> None:
    oas = Inventory((ApiDefinition("a1", "orders", "oas", {}),))
    before = OLD.replace(":v5.3.8", ":v5.2.4")
    running = baseline(pod(inventory=Known(oas)))
    answer = known_transitions(RELEASE, "2.2.0", before, NEW, given={}, baseline=running)
    assert "oas-format" in met(answer)


def test_without_a_baseline_it_is_unknown_whether_apis_are_met() -> None:
    before = OLD.replace(":v5.3.8", ":v5.2.4")
    answer = known_transitions(RELEASE, "2.2.0", before, NEW, given={}, baseline=Unknown("no pod runs"))
    assert isinstance(answer, Known)
    concerns = {one.id: one.concerns for one in answer.value}["oas-format"]
    assert concerns == Unknown("the gateway's APIs are not known: no pod runs")


@pytest.mark.parametrize(("label", "known"), [("tyk-gateway-5.3.0", True), ("company-1.0.0", False)])
def test_a_chart_of_the_users_own_is_known_by_its_gateways_label(label: str, known: bool) -> None:
    assert isinstance(component_version(labelled(OLD, label)), Known) is known
    own = replace(RELEASE, chart="company", chart_version="0.1.0")
    answer = known_transitions(
        own, "0.2.0", labelled(OLD, "tyk-gateway-2.2.0"), labelled(NEW, label), given={}, baseline=baseline()
    )
    assert isinstance(answer, Known)
    crossed = {one.id for one in answer.value}
    assert ("xff-depth" in crossed) is known
    assert ("chart-outside-of-data" in crossed) is not known


def real(shared: Path, version: str, values: str) -> str:
    return (shared / "corpus" / "manifests" / f"tyk-oss-{version}-{values}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("values", "start", "to", "expected"),
    [
        ("default", "3.0.0", "5.3.0", {"xff-depth", "gateway-at-end-of-life"}),
        ("full", "4.1.1", "5.0.0", {"xff-depth", "chart-not-supported"}),
        ("tls", "5.1.1", "5.3.0", set()),
        (
            "default",
            "1.6.0",
            "2.0.0",
            {"gateway-goes-back-to-lts", "strict-path-matching", "chart-not-supported"},
        ),
        (
            "default",
            "1.0.0",
            "1.3.0",
            {"service-cluster-ip", "async-session-write-dropped", "chart-not-supported"},
        ),
        ("tls", "2.0.0", "2.2.0", {"streaming", "chart-not-supported"}),
    ],
)
def test_real_charts_meet_what_is_on_record_and_no_more(
    shared: Path, values: str, start: str, to: str, expected: set[str]
) -> None:
    release = replace(RELEASE, chart_version=start)
    answer = known_transitions(
        release, to, real(shared, start, values), real(shared, to, values), given={}, baseline=baseline()
    )
    assert met(answer) == expected


def test_a_repeated_variable_matters_where_helm_applies_server_side(shared: Path) -> None:
    old, new = real(shared, "4.1.1", "full"), real(shared, "5.0.0", "full")
    modern = replace(RELEASE, chart_version="4.1.1", apply_method="server-side apply")
    answer = known_transitions(modern, "5.0.0", old, new, given={}, baseline=baseline())
    assert "variables-twice" in met(answer)


@pytest.mark.parametrize(
    ("version", "values", "faults"),
    [("5.0.0", "default", 0), ("5.0.0", "tls", 1), ("5.1.1", "tls", 0), ("4.1.1", "full", 0)],
)
def test_the_expired_certificate_is_told_only_where_it_is_served(
    shared: Path, version: str, values: str, faults: int
) -> None:
    new = real(shared, version, values)
    found = gateway_facts(request(gateway_version=""), new, new, version, "2026-11-23").known_bad
    assert sum("certificate" in line for line in found) == faults


def test_faults_of_data_planes_are_not_told_to_others() -> None:
    bad = OLD.replace(":v5.3.8", ":v5.6.0")
    asked = request(gateway_version="")
    assert gateway_facts(asked, OLD, bad, "5.3.0", "2026-11-23").known_bad == ()
    plane = gateway_manifest(env="[{name: TYK_GW_SLAVEOPTIONS_USERPC, value: 'true'}]").replace(
        ":v5.3.8", ":v5.6.0"
    )
    assert "MDCB" in gateway_facts(asked, OLD, plane, "5.3.0", "2026-11-23").known_bad[0]
    hidden = gateway_manifest(
        env="[{name: TYK_GW_SLAVEOPTIONS_USERPC, valueFrom: {secretKeyRef: {name: s, key: k}}}]"
    ).replace(":v5.3.8", ":v5.6.0")
    assert "is not known" in gateway_facts(asked, OLD, hidden, "5.3.0", "2026-11-23").known_bad[0]
