"""Whether two renders of one chart may differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags
from helm_tyk_upgrade.planning.repeatable import asks_the_clock, may_be_random

PLAIN = UpgradeFlags()


def chart(template: str) -> ChartFiles:
    return ChartFiles(
        "x", "1.0.0", {}, {"Chart.yaml": b"name: x\n", "charts/a/templates/s.yaml": template.encode()}
    )


@pytest.mark.parametrize(
    ("template", "random"),
    [
        ("pass: {{ randAlphaNum 16 }}", True),
        ('{{ $ca := genCA "x" 365 }}', True),
        ('at: {{ now | date "2006" }}', True),
        ("name: {{ .Release.Name }} # general", False),
        ('list: {{ keys .Values.a | join "," }}', True),
        ("first: {{ .Values.map | values | first }}", True),
        ("ip: {{ getHostByName .Values.host }}", True),
        ("day: {{ htmlDate .Values.day }}", True),
        (
            'a: {{ .Values.keys }}{{ $.Values.values }}{{ $values }}{{ index .Values "keys" "date" "now" }}',
            False,
        ),
        ('a: {{ include "common.keys" . }}{{ .Values.a.now }}', False),
    ],
)
def test_a_template_with_a_random_function_is_rendered_twice(template: str, random: bool) -> None:
    assert may_be_random(chart(template), Layers(), PLAIN) is random


def test_values_may_be_templates_too(tmp_path: Path) -> None:
    file = tmp_path / "v.yaml"
    file.write_text('pass: "{{ uuidv4 }}"\n')
    plain = chart("a: 1")
    assert may_be_random(plain, Layers((str(file),)), PLAIN)
    assert may_be_random(plain, Layers((b'p: "{{ uuidv4 }}"',)), PLAIN)
    assert may_be_random(plain, Layers((), (("--set", "a={{ uuidv4 }}"),)), PLAIN)
    assert may_be_random(plain, Layers(("secrets://v.yaml",)), PLAIN)
    assert may_be_random(plain, Layers(), UpgradeFlags(post_renderer="kustomize"))
    assert not may_be_random(plain, Layers((b"a: 1",)), PLAIN)


@pytest.mark.parametrize(
    ("template", "timed"),
    [
        ("at: {{ now | unixEpoch }}", True),
        ("age: {{ ago .Values.at }}", True),
        ('at: {{- dateInZone "2006" .Values.at "UTC" }}', True),
        ('at: {{ date_in_zone "2006" .Values.at "UTC" }}', True),
        ("pass: {{ randAlphaNum 16 }}", False),
        ("at: {{ .Values.date }}", False),
    ],
)
def test_what_asks_the_clock_needs_renders_a_second_apart(template: str, timed: bool) -> None:
    assert asks_the_clock(chart(template), Layers()) is timed
    assert asks_the_clock(chart("a: 1"), Layers((template.encode(),))) is timed
