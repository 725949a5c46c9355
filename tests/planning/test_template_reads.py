"""Dead or not: the templates are asked, then Helm; what cannot be proven is unknown."""

from __future__ import annotations

import io
import os
from pathlib import Path

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
