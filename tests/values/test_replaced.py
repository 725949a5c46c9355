"""Empty values that templates replace by `default`: seen in the template, and only where nothing else reads them."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.model.change import ABSENT, Judgement
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.values.dead import is_empty, reader
from helm_tyk_upgrade.values.overrides import judge


def instead(template: str, key: str, helpers: str = "") -> str:
    files = {"templates/a.yaml": template, "templates/_helpers.tpl": helpers}
    return reader(files, {}, {}).instead(tuple(key.split(".")))


@pytest.mark.parametrize(
    ("template", "key", "expected"),
    [
        ("{{ default 1 .Values.a }}", "a", "1"),
        ("{{ default 1 .Values.a.b | quote }}", "a.b", "1"),
        ("{{ .Values.a | default 1 | quote }}", "a", "1"),
        ('{{ .Values.a | default "info" }}', "a", '"info"'),
        ("{{ $x := .Values.a | default true }}{{ $x }}", "a", "true"),
        ("{{ default 1 .Values.a }}{{ default 1 .Values.a }}", "a", "1"),
        ("{{ default 1 .Values.a }}{{ default 2 .Values.a }}", "a", ""),
        ("{{ default 1 .Values.a }}{{ .Values.a }}", "a", ""),
        ("{{ default 1 .Values.a }}{{ if .Values.a }}x{{ end }}", "a", ""),
        ("{{ default 1 .Values.a.b }}{{ toYaml .Values.a }}", "a.b", ""),
        ("{{ default 1 .Values.a.b }}{{ if .Values.a }}x{{ end }}", "a.b", "1"),
        ("{{ (.Values.a | default dict).b }}", "a", ""),
        ("{{ default .Values.other .Values.a }}", "a", ""),
        ("{{ default .Values.other .Values.a }}", "other", ""),
        ("{{ .Values.a | int | default 1 }}", "a", ""),
        ("{{ .Values.a }}", "a", ""),
        ("{{ tpl .Values.t . }}{{ default 1 .Values.a }}", "a", "1"),
    ],
)
def test_what_the_template_puts_in_place(template: str, key: str, expected: str) -> None:
    assert instead(template, key) == expected


def test_a_helper_counts_with_its_own_data() -> None:
    helpers = '{{ define "depth" }}{{ .depth | default 1 }}{{ end }}'
    assert instead('{{ include "depth" .Values.server }}', "server.depth", helpers) == "1"


@pytest.mark.parametrize("value", [0, 0.0, False, "", [], {}, None])
def test_what_counts_as_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [1, "0", "false", [0], {"a": 0}, True])
def test_what_does_not(value: Any) -> None:
    assert not is_empty(value)


def test_an_empty_value_without_effect_is_dead_and_never_kept() -> None:
    asked: list[Any] = []

    def readable(path: Any) -> Any:
        asked.append(path)
        return Known(False)

    verdict, reason = judge(("depth",), 0, Known(1), Known(1), readable, {})
    assert verdict is Judgement.DEAD
    assert "replace" in reason
    verdict, _ = judge(("depth",), 0, Known(1), Known(1), lambda _: Known(True), {})
    assert verdict is Judgement.KEPT
    verdict, _ = judge(("depth",), 0, Known(ABSENT), Known(ABSENT), readable, {})
    assert verdict is Judgement.DEAD
