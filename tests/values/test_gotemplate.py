"""Templates parsed: shapes that occur in charts, and what is no template."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.values.gotemplate import (
    Block,
    Fields,
    Function,
    Invoke,
    Literal,
    Pipeline,
    TemplateError,
    parse,
)

CHART = Path(__file__).resolve().parents[2] / "testbed" / "chart" / "src"


def test_a_pipeline_of_commands() -> None:
    (found,) = parse('x: {{ .Values.a.b | default "v" }}')
    assert found == Pipeline(((Fields(None, ("Values", "a", "b")),), (Function("default"), Literal("v"))))


def test_fields_of_a_parenthesis_and_of_variables() -> None:
    (found,) = parse("{{- $x := ($.Values.a).b -}}")
    inner = Pipeline(((Fields("$", ("Values", "a")),),))
    assert found == Pipeline(((Fields(inner, ("b",)),),), ("$x",))


def test_a_range_has_two_variables_and_assignment_declares_none() -> None:
    block, assignment = parse("{{ range $k, $v := .m }}{{ end }}{{ $x = 1 }}")
    assert isinstance(block, Block)
    assert block.pipeline is not None
    assert block.pipeline.variables == ("$k", "$v")
    assert assignment == Pipeline(((Literal(None),),), ("$x",), declares=False)


def test_else_if_nests() -> None:
    (block,) = parse("{{ if .a }}1{{ .x }}{{ else if .b }}{{ .y }}{{ else }}{{ .z }}{{ end }}")
    assert isinstance(block, Block)
    (inner,) = block.otherwise
    assert isinstance(inner, Block)
    assert block.body == [Pipeline(((Fields(None, ("x",)),),))]
    assert inner.body == [Pipeline(((Fields(None, ("y",)),),))]
    assert inner.otherwise == [Pipeline(((Fields(None, ("z",)),),))]


def test_definitions_and_calls() -> None:
    define, invoke = parse('{{ define "a.b" }}{{ . }}{{ end }}{{ template "a.b" $ }}')
    assert isinstance(define, Block)
    assert (define.name, define.body) == ("a.b", [Pipeline(((Fields(None),),))])
    assert invoke == Invoke("a.b", Pipeline(((Fields("$"),),)))


@pytest.mark.parametrize(
    "text",
    [
        "no action at all",
        "{{/* a comment with {{ braces }} */}}",
        "{{- /*\n two lines\n*/ -}}",
    ],
)
def test_nothing_to_parse(text: str) -> None:
    assert parse(text) == []


@pytest.mark.parametrize("text", ['{{ "}}" }}', "{{ `}} {{` }}", "{{ '}' }}"])
def test_braces_inside_strings_end_nothing(text: str) -> None:
    assert len(parse(text)) == 1


@pytest.mark.parametrize(
    "text", ["{{ if .a }}", "{{ end }}", "{{ else }}", "{{ (.a }}", "{{ .a", "{{ ? }}", "{{ ) }}"]
)
def test_no_template(text: str) -> None:
    with pytest.raises(TemplateError):
        parse(text)


@pytest.mark.parametrize(
    "file",
    sorted(path for path in CHART.rglob("*") if "templates" in path.parts and path.is_file()),
    ids=lambda path: str(path.relative_to(CHART)),
)
def test_every_template_of_the_test_chart_parses(file: Path) -> None:
    text = file.read_text()
    assert bool(parse(text)) == bool(text.strip())
