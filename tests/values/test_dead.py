"""Can a template read a key? Constructs one by one, then the test chart against what Helm really renders."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.values.dead import api_versions, reader, readers
from helm_tyk_upgrade.values.paths import dotted, insert, leaves
from testbed.chart import package


def answer(found: Maybe[tuple[str, ...]]) -> str:
    if isinstance(found, Unknown):
        return "unknown"
    return "read" if found.value else "dead"


def asked(template: str, key: str, helpers: str = "", defaults: Any = None, effective: Any = None) -> str:
    files = {"templates/a.yaml": template, "templates/_helpers.tpl": helpers}
    return answer(readers(files, tuple(key.split(".")), defaults, effective if effective is not None else {}))


@pytest.mark.parametrize(
    ("template", "key", "expected"),
    [
        ("{{ .Values.a.b }}", "a.b", "read"),
        ("{{ .Values.a.b }}", "a.c", "dead"),
        ("{{ .Values.a.b }}", "a", "read"),
        ("{{ .Values.a.b }}", "a.b.c", "read"),
        ("{{ .Values.ab }}", "a", "dead"),
        ("{{/* .Values.a */}}", "a", "dead"),
        ("text .Values.a", "a", "dead"),
        ('{{ ".Values.a" }}', "a", "dead"),
        ("{{ with .Values.a }}{{ .b }}{{ end }}", "a.b", "read"),
        ("{{ with .Values.a }}{{ $.Values.c }}{{ end }}", "c", "read"),
        ("{{ with .Values.a }}{{ else }}{{ .Values.b }}{{ end }}", "b", "read"),
        ("{{ range .Values.list }}{{ .x }}{{ end }}", "list", "read"),
        ("{{ range $k, $v := .Values.m }}{{ $k }}{{ end }}", "m.free", "read"),
        ("{{ toYaml .Values.resources | nindent 4 }}", "resources.requests.cpu", "read"),
        ("{{ $v := .Values.a }}{{ $v.b }}", "a.b", "read"),
        ("{{ $v := .Values.a }}{{ $v.b }}", "a.c", "dead"),
        ("{{ $v := 1 }}{{ if .x }}{{ $v = .Values.a }}{{ end }}{{ $v }}", "a", "read"),
        ('{{ index .Values "tyk-gateway" "port" }}', "tyk-gateway.port", "read"),
        ('{{ index .Values "tyk-gateway" "port" }}', "tyk-gateway.name", "dead"),
        ("{{ index .Values.a $.Values.key }}", "a.anything", "read"),
        ('{{ get .Values.a "b" }}', "a.b", "read"),
        ('{{ dig "b" "c" "default" .Values.a }}', "a.b.c", "read"),
        ('{{ dig "b" "c" "default" .Values.a }}', "a.x", "dead"),
        ('{{ if hasKey .Values.a "b" }}x{{ end }}', "a.b", "read"),
        ("{{ (.Values.a | default dict).b }}", "a.b", "read"),
        ("{{ ((.Values.a).b).c }}", "a.b.c", "read"),
        ('{{ omit .Values.a "x" | toYaml }}', "a.b", "read"),
        ('{{ $d := dict "k" .Values.a }}{{ $d.k.b }}', "a.b", "read"),
        ('{{ $d := dict "k" .Values.a }}{{ $d.other }}', "a.b", "dead"),
        ('{{ $d := set (dict) "k" .Values.a }}{{ $d.k }}', "a", "read"),
        ("{{ merge .Values.a .Values.b | toYaml }}", "b.x", "read"),
        ("{{ toYaml .Values }}", "whatever", "read"),
        ("{{ toYaml . }}", "whatever", "read"),
        ("{{ .Release.Name }}{{ .Chart.Name }}", "Name", "dead"),
        ("{{ if and .Values.a (not .Values.b) }}x{{ end }}", "b", "read"),
        ("{{ ternary .Values.a .Values.b .Values.c }}", "c", "read"),
        ('{{ dig "a" "b" "none" .Values.AsMap }}', "a.b", "read"),
        ('{{ dig "a" "b" "none" .Values.AsMap }}', "a.c", "dead"),
        ("{{ .Values.AsMap.a }}", "a", "read"),
        ("{{ .Values.AsMap | toYaml }}", "a", "read"),
        ("{{ .Values.a.AsMap }}", "a.b", "dead"),
        ('{{ (.Values.Table "a").b }}', "a.b", "read"),
        ('{{ .Values.PathValue "a.b" }}', "a.b", "read"),
        ("{{ .Values.YAML }}", "a", "read"),
        ("{{ (first (list . 1)).Values.a }}", "a", "read"),
        ("{{ (first (list . 1)).Values.a }}", "b", "dead"),
        ("{{ (last (list 1 .Values.a)).b }}", "a.b", "read"),
        ("{{ (last (list 1 .Values.a)).b }}", "a.c", "dead"),
        ("{{ (first (rest (list 1 .Values.a))).b }}", "a.b", "read"),
        ("{{ (index (initial (list .Values.a 1)) 0).b }}", "a.b", "read"),
        ("{{ (list .Values.a 1).b }}", "a.c", "read"),
        ("{{ (first .Values.list).name }}", "list", "read"),
        ('{{ if .Capabilities.APIVersions.Has "x.io/v1" }}{{ .Values.a }}{{ end }}', "a", "read"),
    ],
)
def test_what_a_template_reads(template: str, key: str, expected: str) -> None:
    assert asked(template, key) == expected


HELPERS = """
{{ define "name" }}{{ .Values.nameOverride }}{{ end }}
{{ define "port" }}{{ .port }}{{ end }}
{{ define "second" }}{{ index . 1 }}{{ end }}
{{ define "first" }}{{ $top := first . }}{{ $top.Values.viaFirst }}{{ end }}
{{ define "unused" }}{{ .Values.unused }}{{ end }}
{{ define "loop" }}{{ include "loop" . }}{{ .Values.inLoop }}{{ end }}
{{ define "deeper" }}{{ include "deeper" (dict "in" .) }}{{ end }}
"""


@pytest.mark.parametrize(
    ("template", "key", "expected"),
    [
        ('{{ include "name" . }}', "nameOverride", "read"),
        ('{{ include "name" $ | quote }}', "nameOverride", "read"),
        ('{{ template "name" . }}', "nameOverride", "read"),
        ('{{ include "port" .Values.service }}', "service.port", "read"),
        ('{{ include "port" .Values.service }}', "service.name", "dead"),
        ('{{ include "port" (dict "port" .Values.p) }}', "p", "read"),
        ('{{ include "second" (list "X" .Values.y) }}', "y", "read"),
        ('{{ include "first" (list . "x") }}', "viaFirst", "read"),
        ('{{ include "first" (list . "x") }}', "x", "dead"),
        ('{{ include "name" . }}', "unused", "dead"),
        ('{{ include (printf "%s" .Values.which) . }}', "unused", "read"),
        ('{{ include (print $.Template.BasePath "/b.yaml") . | sha256sum }}', "unused", "dead"),
        ('{{ include "loop" . }}', "inLoop", "read"),
        ('{{ include "deeper" . }}', "other", "unknown"),
    ],
)
def test_what_helpers_read(template: str, key: str, expected: str) -> None:
    assert asked(template, key, HELPERS) == expected


@pytest.mark.parametrize(
    ("defaults", "expected"),
    [({"a": {}}, "unknown"), ({}, "unknown"), ({"a": {"x": 1}}, "dead")],
)
def test_a_key_may_make_an_empty_map_count_as_set(defaults: Any, expected: str) -> None:
    assert asked("{{ if .Values.a }}x{{ end }}", "a.new", defaults=defaults) == expected


def test_tpl_lets_the_values_read_other_values() -> None:
    template = "{{ tpl .Values.text . }}"
    assert asked(template, "b", effective={"text": "{{ .Values.b }}"}) == "read"
    assert asked(template, "c", effective={"text": "{{ .Values.b }}"}) == "dead"
    assert asked(template, "c", effective={"text": "{{ half"}) == "unknown"
    files = {"templates/a.yaml": template}
    assert isinstance(readers(files, ("c",)), Unknown)


def test_tpl_reads_what_its_data_holds() -> None:
    given = '{{ tpl .Values.text (dict "x" .Values.a "top" $) }}'
    assert asked(given, "a.b", effective={"text": "{{ .x.b }}"}) == "read"
    assert asked(given, "a.c", effective={"text": "{{ .x.b }}"}) == "dead"
    assert asked(given, "d", effective={"text": "{{ .top.Values.d }}"}) == "read"


def test_a_template_in_a_constant_is_read_too() -> None:
    assert asked('{{ tpl "{{ .Values.a }}" . }}', "a", effective={}) == "read"
    assert asked('{{ tpl "{{ .x }}" (dict "x" .Values.a) }}', "a", effective={}) == "read"
    assert asked('{{ $t := print "{{ .Values.a }}" "!" }}{{ tpl $t . }}', "a", effective={}) == "read"
    assert asked('{{ tpl (printf "{{ .Values.%s }}" "a") . }}', "a", effective={}) == "unknown"
    assert asked('{{ tpl "{{ .Values.a }}" . }}', "b", effective={}) == "dead"


def test_a_file_rendered_as_template_may_read_anything() -> None:
    assert asked('{{ tpl (.Files.Get "a.conf") . }}', "c") == "unknown"
    assert asked('{{ tpl (.Files.Get "a.conf" | indent 2) . }}', "c") == "unknown"
    assert asked('{{ .Files.Get "cert.pem" | b64enc }}{{ tpl .Values.t . }}', "c") == "dead"
    helper = '{{ define "f" }}{{ .Files.Get "x" }}{{ end }}'
    assert asked('{{ tpl (include "f" .) . }}', "c", helper) == "unknown"


def test_a_template_that_does_not_parse_leaves_everything_open() -> None:
    assert asked("{{ if }", "a") == "unknown"


def test_the_api_versions_that_templates_ask_for() -> None:
    texts = {
        "templates/a.yaml": '{{ if $.Capabilities.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor" }}',
        "templates/_h.tpl": '{{ $a := "policy/v1beta1" }}{{ print (ternary `apps/v1` "v2" true) "v1.2" "av1" }}',
    }
    assert api_versions(texts) == (
        "apps/v1", "monitoring.coreos.com/v1/ServiceMonitor", "policy/v1beta1", "v2"
    )  # fmt: skip
    assert api_versions({"templates/_h.tpl": texts["templates/_h.tpl"]}) == ()


SUBCHART = {
    "Chart.yaml": """
dependencies:
- {name: tyk-gateway, version: 1.0.0}
- {name: tyk-gateway, version: 1.0.0, alias: second, condition: global.components.second}
""",
    "templates/a.yaml": "{{ .Values.own }}",
    "charts/tyk-gateway/templates/b.yaml": "{{ .Values.port }}{{ .Values.global.tls }}",
}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("own", "read"),
        ("port", "dead"),
        ("tyk-gateway.port", "read"),
        ("second.port", "read"),
        ("tyk-gateway.own", "dead"),
        ("global.tls", "read"),
        ("tyk-gateway.global.tls", "read"),
        ("global.other", "dead"),
        ("global.components.second", "read"),
        ("tags.front", "read"),
    ],
)
def test_subcharts_have_their_values_under_their_names(key: str, expected: str) -> None:
    assert answer(readers(SUBCHART, tuple(key.split(".")))) == expected


def test_files_may_have_the_charts_folder_in_front() -> None:
    moved = {f"umbrella/{file}": text for file, text in SUBCHART.items()}
    assert answer(readers(moved, ("tyk-gateway", "port"))) == "read"
    assert answer(readers(moved, ("tyk-gateway", "nothing"))) == "dead"


def test_a_subchart_that_was_not_read_is_unknown() -> None:
    files = {name: text for name, text in SUBCHART.items() if not name.startswith("charts/")}
    assert answer(readers(files, ("tyk-gateway", "port"))) == "unknown"
    assert answer(readers(files, ("global", "tls"))) == "unknown"
    assert answer(readers(files, ("other",))) == "dead"


def test_readable_says_the_same_in_one_word() -> None:
    find = reader(SUBCHART)
    assert find.readable(("own",)) == Known(True)
    assert find.readable(("port",)) == Known(False)


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest test chart, umbrella and components, as a folder."""
    folder = tmp_path_factory.mktemp("chart")
    for name, data in package.compose("tyk-oss", package.releases()[-1]).items():
        path = folder / "tyk-oss" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / "tyk-oss"


def texts(chart: Path) -> dict[str, str]:
    files = (path for path in chart.rglob("*") if path.is_file())
    named = ((str(path.relative_to(chart)), path) for path in files)
    return {
        name: path.read_text()
        for name, path in named
        if "templates" in path.parts or path.name == "Chart.yaml"
    }


def coalesced(chart: Path) -> dict[str, Any]:
    """The chart's defaults with those of its components under their names."""
    values = helmyaml.read((chart / "values.yaml").read_bytes(), 4)
    for file in sorted(chart.glob("charts/*/values.yaml")):
        own = helmyaml.read(file.read_bytes(), 4)
        base = {"global": own.pop("global", {}), file.parent.name: own}
        values = helmyaml_merge(base, values)
    return values


def helmyaml_merge(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: helmyaml_merge(below.get(key), value) for key, value in above.items()}
    return above


def other(value: Any) -> Any:
    """A value of the same type that is none of the chart's."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 7
    if isinstance(value, dict):
        return {"planted": "x"}
    return ["planted"] if isinstance(value, list) else "planted"


EXTRA = (
    ("tyk-gateway", "gateway", "servicePort"),
    ("global", "nothing"),
    ("tyk-gateway", "gateway", "mounts"),
)


def test_what_is_called_dead_changes_nothing_that_helm_renders(chart: Path, helm_bin: Path) -> None:
    values = coalesced(chart)
    find = reader(texts(chart), values, values)
    defaults = dict(leaves(values))
    dead = [path for path in (*defaults, *EXTRA) if answer(find(path)) == "dead"]
    assert set(EXTRA) <= set(dead)
    plain = rendered(helm_bin, chart, {})
    for path in dead[-12:]:
        planted: dict[str, Any] = {}
        insert(planted, path, other(defaults.get(path)))
        assert rendered(helm_bin, chart, planted) == plain, dotted(path)


def test_what_changes_the_render_is_never_called_dead(chart: Path, helm_bin: Path) -> None:
    values = coalesced(chart)
    find = reader(texts(chart), values, values)
    plain = rendered(helm_bin, chart, {})
    changing = {
        "tyk-gateway.gateway.image.tag": "v9",
        "tyk-gateway.gateway.replicaCount": 7,
        "tyk-gateway.gateway.resources": {"requests": {"cpu": "1m"}},
        "global.redis.pass": "x",
        "global.hashKeys": False,
        "tyk-gateway.nameOverride": "x",
        "global.components.pump": True,
    }
    for key, value in changing.items():
        planted: dict[str, Any] = {}
        path = tuple(key.split("."))
        insert(planted, path, value)
        assert rendered(helm_bin, chart, planted) != plain, key
        assert answer(find(path)) == "read", key


def rendered(helm: Path, chart: Path, values: dict[str, Any]) -> str:
    command = [str(helm), "template", "prod", str(chart), "-f", "-"]
    done = subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, check=True)
    return done.stdout
