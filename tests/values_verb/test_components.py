"""Components that are switched off, found in what Helm merged and compared with what Helm renders."""

from __future__ import annotations

import io
import json
import os
from typing import Any

import pytest

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.helm.client import values_document
from helm_tyk_upgrade.helm.merged import Merged, merged
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.values.components import component_of, switched_off
from tests.conftest import HelmBinary
from tests.values_verb.conftest import Values

FILES = {
    "Chart.yaml": (
        "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n"
        "- {name: sub, version: 1.0.0, alias: first, condition: first.enabled}\n"
        "- {name: sub, version: 1.0.0, alias: second, condition: 'second.enabled,global.second'}\n"
        "- {name: tagged, version: 1.0.0, tags: [extra]}\n"
        "- {name: lib, version: 1.0.0}\n"
    ),
    "values.yaml": (
        "first: {enabled: true, own: 1, inner: {n: 2}}\nsecond: {enabled: false, own: 1}\ntagged: {own: 1}\n"
    ),
    "charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
    "charts/lib/values.yaml": "l: 1\n",
    "charts/tagged/Chart.yaml": "apiVersion: v2\nname: tagged\nversion: 1.0.0\n",
    "charts/tagged/values.yaml": "t: 1\n",
    "charts/sub/Chart.yaml": (
        "apiVersion: v2\nname: sub\nversion: 1.0.0\ndependencies:\n"
        "- {name: inner, version: 1.0.0, condition: inner.enabled}\n"
    ),
    "charts/sub/values.yaml": "k: 1\n",
    "charts/sub/charts/inner/Chart.yaml": "apiVersion: v2\nname: inner\nversion: 1.0.0\n",
    "charts/sub/charts/inner/values.yaml": "deep: 1\n",
}
CHART = ChartFiles("top", "1.0.0", {}, {path: text.encode() for path, text in FILES.items()})
VIEWS = {("first",), ("second",), ("tagged",), ("first", "inner"), ("second", "inner")}
"""The subcharts with values of their own; a library chart has no templates of its own."""


def ask(each_helm: HelmBinary, user: dict[str, Any]) -> Merged:
    env = {**os.environ, "HELM_BIN": str(each_helm.path)}
    context = Context(env, Streams(io.StringIO(), io.StringIO(), io.StringIO()))
    return merged(context.helm, CHART, Layers((values_document(user),)))


@pytest.mark.helm
@pytest.mark.parametrize(
    "user",
    [
        {},
        {"first": {"enabled": False}},
        {"second": {"enabled": True}},
        {"global": {"second": True}},
        {"second": {"enabled": None}, "global": {"second": False}},
        {"tags": {"extra": False}},
        {"tags": {"extra": True}, "first": {"inner": {"enabled": False}}},
        {"second": {"enabled": True, "inner": {"enabled": False}}},
    ],
    ids=str,
)
def test_off_is_what_helm_does_not_render(each_helm: HelmBinary, user: dict[str, Any]) -> None:
    found = ask(each_helm, user)
    off = set(switched_off(CHART, found.values))
    on = {tuple(name.split("/")) for name in found.subcharts}
    assert VIEWS - off == on
    assert off <= VIEWS, "never a library chart"


def test_a_path_belongs_to_the_component_that_is_off() -> None:
    off = (("tyk-operator",), ("a", "b"))
    assert component_of(("tyk-operator", "image", "tag"), off) == ("tyk-operator",)
    assert component_of(("a", "b"), off) == ("a", "b")
    assert component_of(("a", "c"), off) == ()


@pytest.mark.helm
def test_new_defaults_of_a_component_that_is_off_are_no_news(values: Values, folder: Any) -> None:
    (folder / "values.yaml").write_text("sub: {mine: 1, tag: x}\n")
    for name, tag in (("old", "v1"), ("new", "v2")):
        inner = folder / name / "charts" / "sub"
        (inner / "templates").mkdir(parents=True)
        (folder / name / "Chart.yaml").write_text(
            f"apiVersion: v2\nname: top\nversion: 1.0.{len(tag) + int(tag[1])}\ndependencies:\n"
            "- {name: sub, version: 1.0.0, condition: global.sub}\n"
        )
        (folder / name / "values.yaml").write_text(
            f"global: {{sub: false}}\nsub: {{tag: {tag}, new: {tag}}}\n"
        )
        (inner / "Chart.yaml").write_text("apiVersion: v2\nname: sub\nversion: 1.0.0\n")
        (inner / "templates" / "a.yaml").write_text(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: '{{ .Values.tag }}'}\n"
        )
    argv = ("--from", "./old", "--chart", "./new", "-o", "json")
    off, on = (json.loads(values(*argv, *more).out) for more in ((), ("--set", "global.sub=true")))
    assert [each["path"] for each in off["newDefaults"]] == []
    assert [each["path"] for each in on["newDefaults"]] == ["sub.new"]
    (tag,) = (each for each in off["overrides"] if each["path"] == "sub.tag")
    assert "no effect now: sub is switched off" in tag["reason"]


@pytest.mark.helm
@pytest.mark.parametrize("key", ["m", "k"])
def test_a_null_for_a_subchart_is_judged_by_what_helm_makes_of_it(
    each_helm: HelmBinary, key: str, values: Values, folder: Any
) -> None:
    """The umbrella's default over the subchart's: old Helm versions remove the first and let the second come back."""
    (folder / "values.yaml").write_text(f"sub: {{{key}: null}}\n")
    for name in ("old", "new"):
        inner = folder / name / "charts" / "sub"
        inner.mkdir(parents=True)
        (folder / name / "Chart.yaml").write_text(f"apiVersion: v2\nname: top\nversion: 1.0.{len(name)}\n")
        (folder / name / "values.yaml").write_text("sub: {m: {x: 3}, k: 2}\n")
        (inner / "Chart.yaml").write_text("apiVersion: v2\nname: sub\nversion: 1.0.0\n")
        (inner / "values.yaml").write_text("m: {x: 1, y: 2}\nk: 1\n")
    argv = ("--from", "./old", "--chart", "./new", "-o", "json")
    found = json.loads(values(*argv, HELM_BIN=str(each_helm.path)).out)["overrides"][0]
    removed = each_helm.version != "3.13.1"
    assert found["judgement"] == ("kept" if removed else "null that no longer deletes"), found
    assert ("value" in found["effective"]) is not removed
