"""CRDs that Helm leaves behind: which are carried, and what makes them differ from the cluster's."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

import pytest
import yaml

from helm_tyk_upgrade.manifests.crds import ChartCrd, chart_crds, outdated
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

OPERATOR = "charts/tyk-operator"
PARENT = b"""
name: tyk-oss
version: 5.3.0
dependencies:
  - {name: tyk-operator, version: 1.0.0, condition: global.components.operator}
  - {name: store, alias: first, version: 1.0.0}
  - {name: store, alias: second, version: 1.0.0}
"""


def crd(name: str = "apidefinitions.tyk.tyk.io", **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": {
            "group": name.partition(".")[2],
            "scope": "Namespaced",
            "names": {"kind": "ApiDefinition", "plural": name.partition(".")[0]},
            "versions": [
                {
                    "name": "v1alpha1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}},
                }
            ],
        },
    }


def as_served(given: dict[str, Any]) -> dict[str, Any]:
    """As the API server gives it back: with defaults and status."""
    live = copy.deepcopy(given)
    live["metadata"] |= {"uid": "1", "annotations": {"by": "somebody"}}
    live["spec"]["conversion"] = {"strategy": "None"}
    live["spec"]["names"] |= {"listKind": "ApiDefinitionList", "singular": "apidefinition"}
    live["status"] = {"storedVersions": ["v1alpha1"]}
    return live


def chart(**files: bytes) -> ChartFiles:
    return ChartFiles("tyk-oss", "5.3.0", {}, {"Chart.yaml": PARENT, **files})


def names(found: Maybe[tuple[ChartCrd, ...]]) -> list[str]:
    assert isinstance(found, Known)
    return [item.name for item in found.value]


def document(*names: str) -> bytes:
    return yaml.safe_dump_all([crd(name) for name in names]).encode()


WHOLE = chart(
    **{
        "crds/own.yaml": document("own.a.io") + b"---\nkind: ConfigMap\nmetadata: {name: no}\n",
        "crds/readme.md": b"not: [yaml",
        "templates/crd.yaml": document("template.a.io"),
        f"{OPERATOR}/Chart.yaml": b"name: tyk-operator\nversion: 1.0.0\n",
        f"{OPERATOR}/crds/deep/two.yml": document("one.b.io", "two.b.io"),
        "charts/store/Chart.yaml": b"name: store\nversion: 1.0.0\n",
        "charts/store/crds/c.json": b'{"kind": "CustomResourceDefinition", "metadata": {"name": "c.c.io"}}',
        f"{OPERATOR}/charts/in-crds/Chart.yaml": b"name: in-crds\nversion: 1.0.0\n",
        f"{OPERATOR}/charts/in-crds/crds/d.yaml": document("d.d.io"),
    }
)


@pytest.mark.parametrize(
    ("enabled", "expected"),
    [
        ((), ["own.a.io"]),
        (("tyk-operator",), ["one.b.io", "two.b.io", "own.a.io"]),
        (("tyk-operator", "tyk-operator/in-crds"), ["d.d.io", "one.b.io", "two.b.io", "own.a.io"]),
        (("tyk-operator/in-crds",), ["own.a.io"]),
        (("second",), ["c.c.io", "own.a.io"]),
        (("store",), ["own.a.io"]),  # its aliases are its names
    ],
)
def test_enabled_subcharts_carry_theirs(enabled: Collection[str], expected: list[str]) -> None:
    assert names(chart_crds(WHOLE, Known(enabled))) == expected


def test_what_is_enabled_matters_only_where_a_subchart_has_crds() -> None:
    assert chart_crds(WHOLE, Unknown("Helm crashed")) == Unknown("Helm crashed")
    alone = chart(**{"crds/own.yaml": document("own.a.io")})
    assert names(chart_crds(alone, Unknown("Helm crashed"))) == ["own.a.io"]
    assert chart_crds(chart(), Unknown("Helm crashed")) == Known(())


def test_a_file_that_is_no_yaml_is_unknown() -> None:
    found = chart_crds(chart(**{"crds/own.yaml": b"a: [b"}), Known(()))
    assert isinstance(found, Unknown)
    assert "cannot be read" in found.reason


def carried(given: dict[str, Any]) -> list[ChartCrd]:
    return [ChartCrd("apidefinitions.tyk.tyk.io", "crds/a.yaml", given)]


def prose(given: dict[str, Any]) -> None:
    version = given["spec"]["versions"][0]
    version["schema"]["openAPIV3Schema"]["description"] = "other words"
    version["schema"]["openAPIV3Schema"]["required"] = []


def test_what_the_api_server_adds_and_prose_do_not_count() -> None:
    ours = crd(port={"type": "integer"})
    prose(ours)
    assert (
        outdated(carried(ours), {"apidefinitions.tyk.tyk.io": as_served(crd(port={"type": "integer"}))}) == ()
    )


def test_a_missing_crd_is_named() -> None:
    (found,) = outdated(carried(crd()), {})
    assert (found.name, found.missing, found.differs) == ("apidefinitions.tyk.tyk.io", True, ())


SCHEMA = "versions.v1alpha1.schema.openAPIV3Schema.properties.spec.properties"


@pytest.mark.parametrize(
    ("ours", "live", "differs"),
    [
        (crd(port={"type": "integer"}), crd(), f"{SCHEMA}.port"),
        (crd(), crd(port={"type": "integer"}), f"{SCHEMA}.port"),
        (crd(port={"type": "string"}), crd(port={"type": "integer"}), f"{SCHEMA}.port.type"),
        (
            crd(description={"type": "string"}),
            crd(description={"type": "integer"}),
            f"{SCHEMA}.description.type",
        ),
    ],
)
def test_a_schema_that_differs_is_named_by_its_field(
    ours: dict[str, Any], live: dict[str, Any], differs: str
) -> None:
    (found,) = outdated(carried(ours), {"apidefinitions.tyk.tyk.io": as_served(live)})
    assert (found.missing, found.differs, found.path) == (False, (differs,), "crds/a.yaml")


def test_versions_scope_subresources_and_conversion_count() -> None:
    ours = crd()
    ours["spec"]["versions"].append({**ours["spec"]["versions"][0], "name": "v1beta1", "storage": False})
    ours["spec"]["scope"] = "Cluster"
    ours["spec"]["conversion"] = {"strategy": "Webhook"}
    del ours["spec"]["versions"][0]["subresources"]
    (found,) = outdated(carried(ours), {"apidefinitions.tyk.tyk.io": as_served(crd())})
    assert set(found.differs) == {"conversion", "scope", "versions.v1alpha1.subresources", "versions.v1beta1"}
