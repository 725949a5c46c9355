"""Merged values are Helm's own: the table of nulls, subcharts, aliases and conditions, on real binaries."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.charts.archive import read_chart
from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.errors import HelmError
from helm_tyk_upgrade.helm.client import Helm, values_document
from helm_tyk_upgrade.helm.merged import Merged, merged, parse, printing_copy
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers
from tests.helm.conftest import MakeHelm, release

ABSENT = "absent"


def chart(values: str, sub: str | None = None, **files: str) -> ChartFiles:
    """A chart `top` with these defaults and, if given, a subchart `sub`."""
    metadata = "apiVersion: v2\nname: top\nversion: 1.0.0\n"
    content = {"Chart.yaml": metadata, "values.yaml": values, **files}
    if sub is not None:
        content["charts/sub/Chart.yaml"] = metadata.replace("top", "sub")
        content["charts/sub/values.yaml"] = sub
    return ChartFiles("top", "1.0.0", {}, {path: text.encode() for path, text in content.items()})


def at(tree: dict[str, Any], path: str) -> Any:
    value: Any = tree
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return ABSENT
        value = value[key]
    return value


def merges_as_helm_4(each_helm: Any) -> bool:
    """The rules for nulls changed between 4.1 and 4.3, not with the major."""
    return each_helm.major == 4 and not each_helm.version.startswith("4.1.")


@pytest.mark.helm
@pytest.mark.parametrize(
    ("defaults", "user", "path", "helm_3", "helm_4"),
    [
        ("a: 1", "a: null", "a", ABSENT, ABSENT),
        ("a: 1", "a:", "a", ABSENT, ABSENT),
        ("a: {x: 1}", "a: null", "a", ABSENT, ABSENT),
        ("a: {x: {z: 1}}", "a: {x: {z: null}}", "a.x.z", ABSENT, ABSENT),
        ("b: 1", "a: null", "a", None, None),
        ("a: {x: 1}", "a: {}", "a", {"x": 1}, {"x": 1}),
        ("a: {x: 1}", 'a: ""', "a", "", ""),
        ("a: {x: 1}", "a: []", "a", [], []),
        ("a: {x: 1}", "a: 5", "a", 5, 5),
        ("a: 5", "a: {x: 1}", "a", {"x": 1}, {"x": 1}),
        ("a: null", "", "a", None, ABSENT),
        ("a: [1, 2]", "a: [3]", "a", [3], [3]),
    ],
)
def test_nulls(
    helm_with: MakeHelm, each_helm: Any, defaults: str, user: str, path: str, helm_3: Any, helm_4: Any
) -> None:
    found = merged(helm_with(), chart(defaults), Layers((user.encode(),)))
    assert at(found.values, path) == (helm_4 if merges_as_helm_4(each_helm) else helm_3)


@pytest.mark.helm
@pytest.mark.parametrize(
    ("parent", "sub", "user", "path", "helm_3", "helm_4"),
    [
        ("sub: {k: null}", "k: 1", "", "k", ABSENT, 1),
        ("", "k: 1", "sub: {k: null}", "k", ABSENT, ABSENT),
        ("sub: {m: {x: 3}}", "m: {x: 1, z: 2}", "", "m", {"x": 3, "z": 2}, {"x": 3, "z": 2}),
        ("global: {g: 1}", "k: 1", "global: {h: 2}", "global", {"g": 1, "h": 2}, {"g": 1, "h": 2}),
    ],
)
def test_nulls_and_subcharts(
    helm_with: MakeHelm, each_helm: Any, parent: str, sub: str, user: str, path: str, helm_3: Any, helm_4: Any
) -> None:
    found = merged(helm_with(), chart(parent, sub), Layers((user.encode(),)))
    assert at(found.subcharts["sub"], path) == (helm_4 if merges_as_helm_4(each_helm) else helm_3)


@pytest.mark.helm
def test_a_table_set_to_null_in_a_subchart(helm_with: MakeHelm, each_helm: Any) -> None:
    top = chart("sub: {m: {x: 3}}", "m: {x: 1, z: 2}")
    found = merged(helm_with(), top, Layers((b"sub: {m: null}",)))
    expected = {"x": 1, "z": 2} if each_helm.version == "3.13.1" else ABSENT
    assert at(found.subcharts["sub"], "m") == expected


@pytest.mark.helm
def test_nulls_in_lists_are_kept_or_crash_helm(helm_with: MakeHelm, each_helm: Any) -> None:
    layers = Layers((b"a: [3, null]",))
    if each_helm.version == "4.1.0":
        with pytest.raises(HelmError, match="Helm itself crashed"):
            merged(helm_with(), chart("a: [1, 2]"), layers)
    else:
        assert merged(helm_with(), chart("a: [1, 2]"), layers).values["a"] == [3, None]


@pytest.mark.helm
def test_the_truth_is_what_helm_computes_for_a_release(helm_with: MakeHelm, each_helm: Any) -> None:
    """`helm get values --all` of a release with this chart and these user values."""
    defaults = {"a": 1, "b": {"x": 1, "y": [1]}, "c": None, "d": "v"}
    user = {"b": {"x": None, "z": 2}, "d": None, "e": {"f": None}}
    stored = {"metadata": {"name": "top", "version": "1.0.0", "apiVersion": "v2"}, "values": defaults}
    helm = helm_with(release(chart=stored, config=user))
    told = helm._processes.run([helm.binary, "get", "values", "tyk", "--all", "-o", "json"])
    found = merged(helm, chart(json.dumps(defaults)), Layers((values_document(user),)))
    assert found.values == json.loads(told.stdout)


@pytest.mark.helm
def test_conditions_aliases_and_library_charts(helm_with: MakeHelm) -> None:
    files = {
        "Chart.yaml": (
            "apiVersion: v2\nname: top\nversion: 1.0.0\nkubeVersion: '>=99.0.0-0'\ndependencies:\n"
            "- {name: sub, version: 1.0.0, alias: first, condition: first.enabled}\n"
            "- {name: sub, version: 1.0.0, alias: second, condition: second.enabled}\n"
            "- {name: lib, version: 1.0.0}\n"
        ),
        "charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
        "charts/lib/values.yaml": "l: 1\n",
        "values.schema.json": '{"type": "object", "required": ["never"]}',
        "templates/fails.yaml": '{{ fail "must not be rendered" }}',
    }
    top = chart("first: {enabled: true, own: 1}\nsecond: {enabled: false}\n", "k: 1\n", **files)
    found = merged(helm_with(), top, Layers())
    assert found.subcharts == {"first": {"enabled": True, "global": {}, "k": 1, "own": 1}}
    assert found.values["first"]["k"] == 1
    turned = merged(helm_with(), top, Layers((), (("--set", "first.enabled=false,second.enabled=true"),)))
    assert list(turned.subcharts) == ["second"]


@pytest.mark.helm
def test_nested_subcharts_have_their_path(helm_with: MakeHelm) -> None:
    nested = {
        "charts/sub/charts/inner/Chart.yaml": "apiVersion: v2\nname: inner\nversion: 1.0.0\n",
        "charts/sub/charts/inner/values.yaml": "deep: 1\n",
    }
    found = merged(helm_with(), chart("", "", **nested), Layers((b"sub: {inner: {deep: 2}}",)))
    assert found.subcharts["sub/inner"]["deep"] == 2


@pytest.mark.helm
def test_every_set_flag_has_helms_grammar(helm_with: MakeHelm, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("from file")
    sets = (
        ("--set", "a.b[0]=x,list={1,2}"),
        ("--set-string", "s=007"),
        ("--set-json", 'j={"k": [1, {}]}'),
        ("--set-file", f"f={tmp_path / 'file'}"),
        ("--set-literal", "l=a,b=c"),
    )
    values = merged(helm_with(), chart(""), Layers((), sets)).values
    assert values["a"]["b"] == ["x"]
    assert (values["list"], values["s"], values["f"], values["l"]) == ([1, 2], "007", "from file", "a,b=c")
    assert values["j"] == {"k": [1, {}]}


@pytest.mark.helm
def test_tyk_oss_by_default_and_with_a_tag(helm_with: MakeHelm, charts_folder: Path) -> None:
    files = read_chart(charts_folder / "tyk-oss-5.3.0.tgz")
    plain = merged(helm_with(), files, Layers())
    assert plain.subcharts["tyk-gateway"]["gateway"]["image"]["tag"] == "v5.9.1"
    tagged = merged(helm_with(), files, Layers((b"tyk-gateway: {gateway: {image: {tag: v5.13.1}}}",)))
    assert at(tagged.values, "tyk-gateway.gateway.image.tag") == "v5.13.1"
    assert at(tagged.subcharts["tyk-gateway"], "gateway.image.tag") == "v5.13.1"


@pytest.mark.helm
def test_values_that_helm_cannot_read_are_its_error(helm_with: MakeHelm) -> None:
    with pytest.raises(HelmError, match="the values cannot be read"):
        merged(helm_with(), chart(""), Layers((b"a: [",)))
    with pytest.raises(HelmError):
        merged(helm_with(), chart("", "k: 1"), Layers((b"sub: 5",)))


def test_nothing_of_the_copy_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    fake = tmp_path / "helm"
    fake.write_text('#!/bin/sh\ncat > /dev/null\necho \'{"apiVersion":"v1","metadata":{"name":"top/templates/values.yaml"},"values":"e30="}\'\n')  # fmt: skip # noqa: E501
    fake.chmod(0o755)
    assert merged(Helm(Processes(dict(os.environ)), str(fake)), chart(""), Layers((b"a: 1",))) == Merged({})
    assert [path.name for path in tmp_path.iterdir()] == ["helm"]


def test_the_copy_keeps_only_what_decides_about_values() -> None:
    files = chart(
        "a: 1\n",
        "k: 1\n",
        **{
            "templates/x.yaml": "x",
            "templates/charts/Chart.yaml": "a decoy",
            "files/values.yaml": "a decoy",
            "crds/crd.yaml": "x",
            "values.schema.json": "{}",
            ".helmignore": "*",
            "charts/README.md": "x",
            "Chart.yaml": "name: top\nkubeVersion: >-\n  >=1.20\n  <2\nversion: 1.0.0\n",
        },
    )
    copy = printing_copy(files)
    assert sorted(copy) == [
        "Chart.yaml",
        "charts/sub/Chart.yaml",
        "charts/sub/templates/values.yaml",
        "charts/sub/values.yaml",
        "templates/values.yaml",
        "values.yaml",
    ]
    assert copy["Chart.yaml"] == b"name: top\nversion: 1.0.0\n"


@pytest.mark.parametrize("output", ["", "# nothing\n", '{"apiVersion":"v1"\n', '{"apiVersion":"v1"}\n'])
def test_output_without_values_is_an_error(output: str) -> None:
    with pytest.raises(HelmError):
        parse(output)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32)
TREES = st.recursive(
    st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.helm
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TREES, min_size=8, max_size=8))
def test_a_values_document_reaches_templates_unchanged(helm_bin: Path, trees: list[Any]) -> None:
    helm = Helm(Processes(dict(os.environ)), str(helm_bin))
    values = {f"k{number}": tree for number, tree in enumerate(trees)}
    assert merged(helm, chart(""), Layers((values_document(values),))).values == values
