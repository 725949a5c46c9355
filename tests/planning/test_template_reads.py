"""Dead or not: the templates are asked, then Helm; what cannot be proven is unknown."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.charts.archive import read_chart
from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.planning.template_reads import template_reads

pytestmark = pytest.mark.helm
GIVEN = {"read": 1.0, "stray": {"a": 1.0}}


def reads(folder: Path, template: str) -> dict[str, Maybe[bool]]:
    """The answers for a chart whose only template is this one, by the last key."""
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 1.0.0\n")
    (folder / "templates" / "a.yaml").write_text(template)
    context = Context(os.environ, Streams(io.StringIO(), io.StringIO(), io.StringIO()))
    found = template_reads(context, str(folder), read_chart(folder), GIVEN, Known({}), Known(GIVEN))
    return {str(path[-1]): answer for path, answer in found.items()}


MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: {{ .Values.read | quote }}\n"


def test_dead_is_proven_by_templates_and_by_rendering(tmp_path: Path, helm_bin: Path) -> None:
    assert reads(tmp_path, MAP) == {"read": Known(True), "a": Known(False)}


def test_what_is_random_at_each_render_proves_nothing_against_it(tmp_path: Path, helm_bin: Path) -> None:
    random = MAP + "  y: {{ randAlphaNum 20 | quote }}\n"
    assert reads(tmp_path, random) == {"read": Known(True), "a": Known(False)}


def test_a_chart_that_cannot_be_rendered_leaves_it_unknown(tmp_path: Path, helm_bin: Path) -> None:
    answers = reads(tmp_path, MAP + '  y: {{ fail "needs a cluster" }}\n')
    assert answers["read"] == Known(True)
    assert isinstance(answers["a"], Unknown)
    assert "needs a cluster" in answers["a"].reason


def test_the_whole_map_in_use_is_read(tmp_path: Path, helm_bin: Path) -> None:
    whole = MAP + "  y: {{ .Values | toJson | quote }}\n"
    assert reads(tmp_path, whole) == {"read": Known(True), "a": Known(True)}


def test_a_map_that_fails_with_other_values_claims_nothing(tmp_path: Path, helm_bin: Path) -> None:
    picky = '  y: {{ if ne (toJson .Values.stray) "{\\"a\\":1}" }}{{ fail "no" }}{{ end }}'
    named = MAP + picky + "{{ .Values.stray.a | quote }}\n"
    assert reads(tmp_path, named)["a"] == Known(True), "it is read by its own name"
    other = tmp_path / "other"
    other.mkdir()
    assert isinstance(reads(other, MAP + picky + "\n")["a"], Unknown)


FREE = {"labels": {"team": "blue", "tier": 3.0, "on": True, "none": {}}, "off": {"x": "y"}}


def test_what_is_taken_with_a_whole_map_is_read_where_rendering_shows_it(
    tmp_path: Path, helm_bin: Path
) -> None:
    template = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {{ toYaml .Values.labels | nindent 4 }}\n"
        "{{ if .Values.never }}{{ toYaml .Values.off }}{{ end }}\n"
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 1.0.0\n")
    (tmp_path / "templates" / "a.yaml").write_text(template)
    context = Context(os.environ, Streams(io.StringIO(), io.StringIO(), io.StringIO()))
    chart = read_chart(tmp_path)
    found = template_reads(context, str(tmp_path), chart, FREE, Known({}), Known(FREE))
    read = {str(path[-1]): answer for path, answer in found.items()}
    assert {key: read[key] for key in ("team", "tier", "on")} == dict.fromkeys(
        ("team", "tier", "on"), Known(True)
    )
    for key in ("none", "x"):
        answer = read[key]
        assert isinstance(answer, Unknown), key
        assert "takes all of" in answer.reason


def replaced(folder: Path, template: str, default: float, *, flag: bool = False) -> dict[str, Maybe[bool]]:
    """The same for a chart whose default is overridden with 0."""
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 1.0.0\n")
    (folder / "values.yaml").write_text(f"depth: {default}\n")
    (folder / "templates" / "a.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: " + template + "\n"
    )
    context = Context(os.environ, Streams(io.StringIO(), io.StringIO(), io.StringIO()))
    given = {"depth": 0.0} if not flag else {"depth": 2.0}
    found = template_reads(
        context, str(folder), read_chart(folder), given, Known({"depth": default}), Known(given)
    )
    return {str(path[-1]): answer for path, answer in found.items()}


def test_an_empty_value_that_default_replaces_has_no_effect(tmp_path: Path, helm_bin: Path) -> None:
    """`default 1` makes 1 of 0; left out, the chart's own 1 is rendered: the same."""
    assert replaced(tmp_path, "{{ default 1 .Values.depth | quote }}", 1) == {"depth": Known(False)}


def test_it_has_one_where_the_charts_own_default_is_another(tmp_path: Path, helm_bin: Path) -> None:
    assert replaced(tmp_path, "{{ default 1 .Values.depth | quote }}", 5) == {}


def test_it_has_one_where_a_template_tells_0_from_nothing(tmp_path: Path, helm_bin: Path) -> None:
    assert replaced(tmp_path, "{{ .Values.depth | quote }}", 1) == {}


def test_a_value_that_is_not_empty_is_not_asked_about(tmp_path: Path, helm_bin: Path) -> None:
    assert replaced(tmp_path, "{{ default 1 .Values.depth | quote }}", 1, flag=True) == {}


GUARDED = """
{{- define "h" }}{{ $top := first . }}{{ $top.Values.viaFirst }}{{ end }}
{{- if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
  b: {{ include "h" (list . "x") | quote }}
  c: {{ dig "monitor" "labels" "none" .Values.AsMap | toJson | quote }}
{{- end }}
"""


def asked(folder: Path, template: str, given: dict[str, Any]) -> dict[str, Maybe[bool]]:
    """The answers for values of which a chart with this one template has no defaults, by the last key."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 1.0.0\n")
    (folder / "templates" / "a.yaml").write_text(template)
    context = Context(os.environ, Streams(io.StringIO(), io.StringIO(), io.StringIO()))
    found = template_reads(context, str(folder), read_chart(folder), given, Known({}), Known(given))
    return {str(path[-1]): answer for path, answer in found.items()}


def test_what_only_a_block_behind_an_api_version_reads_is_not_dead(tmp_path: Path, helm_bin: Path) -> None:
    given = {"read": 1.0, "viaFirst": "keep", "monitor": {"labels": {"team": "x"}}, "stray": {"a": 1.0}}
    answers = asked(tmp_path, MAP + GUARDED, given)
    assert answers == {"read": Known(True), "viaFirst": Known(True), "team": Known(True), "a": Known(False)}


@pytest.mark.parametrize("guard", ["if", "if not"])
def test_the_render_proves_it_with_and_without_the_api_versions(
    tmp_path: Path, helm_bin: Path, guard: str
) -> None:
    """A template put together so that nobody sees what it reads: only the render does, behind the guard."""
    hidden = '{{ tpl (printf "%s%s .Values.a }}" "{" "{") . | quote }}'
    has = '(.Capabilities.APIVersions.Has "x.io/v1")'
    template = MAP + "{{ " + guard + " " + has + " }}\n  y: " + hidden + "\n{{ end }}"
    answer = asked(tmp_path, template, {"read": 1.0, "a": 2.0})["a"]
    assert answer == Unknown("no template seems to, but rendering without it gives other objects")


def test_no_mark_is_taken_for_another(tmp_path: Path, helm_bin: Path) -> None:
    """The number is never rendered; the text beside it is."""
    template = (
        MAP + '{{ $free := .Values.labels }}{{ with omit $free "num" }}  y: {{ toJson . | quote }}\n{{ end }}'
    )
    answers = asked(tmp_path, template, {"read": 1.0, "labels": {"num": 5.0, "txt": "hello"}})
    assert answers["txt"] == Known(True)
    assert isinstance(answers["num"], Unknown)


def test_a_mark_in_a_wrong_place_costs_the_others_nothing_and_helm_says_why(
    tmp_path: Path, helm_bin: Path
) -> None:
    template = (
        MAP.replace("metadata: {name: a}", "metadata:\n  name: a\n  labels: {{ toJson .Values.labels }}")
        + "{{- range $k, $v := .Values.hosts }}{{ range $v }}\n  {{ $k }}: {{ .name }}\n{{ end }}{{ end }}"
    )
    given = {"read": 1.0, "labels": {"team": "x"}, "hosts": {"h": [{"name": "n1"}]}}
    answers = asked(tmp_path, template, given)
    assert answers["team"] == Known(True)
    assert isinstance(answers["h"], Unknown)
    assert "can't evaluate field name" in answers["h"].reason
