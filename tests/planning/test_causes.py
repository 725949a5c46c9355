"""Why fields change: which renders are needed, what stands for those that are not, and what the corpus says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.process import Completed
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.change import ManifestChanges
from helm_tyk_upgrade.model.chart import ChartArchive, ChartFiles, ChartSource, Chosen
from helm_tyk_upgrade.model.facts import CauseRenders
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Rendered, Stored
from helm_tyk_upgrade.planning.causes import (
    DEFAULTS,
    NEW_OLD,
    OLD_NEW,
    TODAY,
    CauseQuestion,
    corners,
    needed,
    start_renders,
    with_new_defaults,
)
from helm_tyk_upgrade.planning.chart_facts import OldChart, Target
from helm_tyk_upgrade.planning.object_changes import object_changes
from tests.applying.build import scene
from tests.checks.build import RELEASE, facts

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "manifests"
VERSIONS = ("1.0.0", "1.3.0", "1.6.0", "2.0.0", "2.2.0", "3.0.0", "4.0.0", "4.1.1", "5.0.0", "5.1.1", "5.3.0")
GONE = Unknown("the old chart is gone")
STORED, PLANNED = Rendered("stored", "hooks"), Rendered("planned", "")
PLAIN, MOVING = "a: {{ .Values.a }}", "a: {{ .Capabilities.KubeVersion }}"


def chart(version: str, template: str = PLAIN, values: str = "a: 1") -> ChartFiles:
    files = {
        "Chart.yaml": f"name: c\nversion: {version}\n".encode(),
        "values.yaml": values.encode(),
        "templates/a.yaml": template.encode(),
    }
    return ChartFiles("c", version, {}, files)


def old_chart(files: ChartFiles, **changed: Any) -> Known[OldChart]:
    return Known(replace(OldChart(archive(files), files), **changed))


def archive(files: ChartFiles) -> ChartArchive:
    return ChartArchive(files.name, files.version, f"/charts/c-{files.version}.tgz", "ab" * 32)


def question(
    old: Maybe[OldChart],
    new: ChartFiles,
    *,
    before: dict[str, Any] | None = None,
    given: dict[str, Any] | None = None,
) -> CauseQuestion:
    source = ChartSource("c", "c", "https://charts.example.com")
    target = Target(source, GONE, Chosen(new.version, "the test says so"), archive(new), new)
    stored = Stored(RELEASE, before, STORED.manifest, STORED.hooks)
    return CauseQuestion(stored, old, target, given or {}, Layers((b"{}",)), UpgradeFlags())


OTHER = {"given": {"a": 2}}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        pytest.param(question(old_chart(chart("1")), chart("1")), set(), id="nothing changes"),
        pytest.param(question(old_chart(chart("1")), chart("2")), set(), id="only the chart's version"),
        pytest.param(
            question(old_chart(chart("1")), chart("2", values="a: 2")), {DEFAULTS}, id="chart and defaults"
        ),
        pytest.param(question(old_chart(chart("1")), chart("1"), **OTHER), set(), id="only values"),
        pytest.param(
            question(old_chart(chart("1")), chart("2"), **OTHER), {OLD_NEW, NEW_OLD}, id="chart and values"
        ),
        pytest.param(
            question(old_chart(chart("1", MOVING)), chart("2")), {TODAY}, id="the cluster may play a part"
        ),
        pytest.param(
            question(old_chart(chart("1", MOVING)), chart("1", MOVING), **OTHER),
            {TODAY, NEW_OLD},
            id="values, and the cluster may play a part",
        ),
        pytest.param(question(GONE, chart("2")), set(), id="no old chart"),
        pytest.param(question(GONE, chart("2"), **OTHER), {NEW_OLD}, id="no old chart, other values"),
        pytest.param(
            question(old_chart(chart("1"), as_installed=False), chart("1"), **OTHER),
            {NEW_OLD},
            id="a chart on disk may have changed under its version",
        ),
        pytest.param(
            question(old_chart(chart("1")), chart("1"), before={"a": 1}, given={"a": 1.0}),
            set(),
            id="1.0 is 1",
        ),
    ],
)
def test_only_what_is_not_known_is_rendered(asked: CauseQuestion, names: set[str]) -> None:
    assert needed(asked) == names


def test_where_the_values_stay_the_new_chart_alone_is_the_plan() -> None:
    found = corners(question(old_chart(chart("1")), chart("2")), PLANNED, {})
    assert found == CauseRenders(Known(STORED), Known(PLANNED), Known(STORED), Known(STORED))


def test_where_the_chart_stays_the_new_values_alone_are_the_plan() -> None:
    found = corners(question(old_chart(chart("1")), chart("1"), **OTHER), PLANNED, {})
    assert found == CauseRenders(Known(PLANNED), Known(STORED), Known(STORED), Known(STORED))


def test_where_nothing_changes_today_is_the_plan() -> None:
    found = corners(question(old_chart(chart("1")), chart("1")), PLANNED, {})
    assert found.today == Known(PLANNED)


def test_what_the_old_chart_gives_today_stands_for_what_is_stored() -> None:
    today = Known(Rendered("today", ""))
    found = corners(question(old_chart(chart("1", MOVING)), chart("2")), PLANNED, {TODAY: today})
    assert (found.old_chart_new_values, found.today) == (today, today)


def test_without_the_old_chart_its_renders_are_unknown() -> None:
    found = corners(question(GONE, chart("2"), **OTHER), PLANNED, {NEW_OLD: Known(STORED)})
    assert found == CauseRenders(GONE, Known(STORED), GONE, GONE)
    same = corners(question(GONE, chart("2")), PLANNED, {})
    assert (same.old_chart_new_values, same.new_chart_old_values) == (Known(STORED), Known(PLANNED))


def test_new_defaults_under_the_old_templates() -> None:
    old = ChartFiles(
        "c",
        "1",
        {},
        {
            "Chart.yaml": b"old",
            "values.yaml": b"a: 1",
            "values.schema.json": b"{}",
            "charts/kept/Chart.yaml": b"old",
            "charts/kept/values.yaml": b"b: 1",
            "charts/gone/Chart.yaml": b"old",
            "charts/gone/values.yaml": b"c: 1",
        },
    )
    new = ChartFiles(
        "c",
        "2",
        {},
        {
            "Chart.yaml": b"new",
            "values.yaml": b"a: 2",
            "charts/kept/Chart.yaml": b"new",
            "charts/added/Chart.yaml": b"new",
            "charts/added/values.yaml": b"d: 1",
        },
    )
    assert with_new_defaults(old, new) == {
        "Chart.yaml": b"old",
        "values.yaml": b"a: 2",
        "charts/kept/Chart.yaml": b"old",
        "charts/kept/values.yaml": b"",
        "charts/gone/Chart.yaml": b"old",
        "charts/gone/values.yaml": b"c: 1",
    }
    assert with_new_defaults(old, old) is None


class Door:
    """Helm as a process: remembers how it was called, answers with a manifest or fails."""

    def __init__(self, fails: str = "") -> None:
        self.calls: list[tuple[list[str], bytes | None]] = []
        self.fails = fails

    def run(self, argv: list[str], *, stdin: bytes | None = None, **_: Any) -> Completed:
        self.calls.append((list(argv), stdin))
        if self.fails and self.fails in " ".join(argv):
            return Completed(tuple(argv), 1, b"", b"Error: template: nil pointer evaluating x")
        return Completed(tuple(argv), 0, b'{"manifest": "made", "hooks": []}', b"")


def renders(context: Context, asked: CauseQuestion) -> CauseRenders:
    with ThreadPoolExecutor() as pool:
        return start_renders(pool, context, asked, pool.submit(lambda: PLANNED))()


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Context, Door]:
    context, door = scene(tmp_path).context, Door()
    monkeypatch.setattr(context.helm, "_processes", door)
    return context, door


CHANGED: dict[str, Any] = {"before": {"secret": "s3cret"}, "given": {"a": 2}}


@pytest.mark.parametrize("template", [PLAIN, MOVING])
def test_secrets_of_the_release_go_by_standard_input(door: tuple[Context, Door], template: str) -> None:
    new = chart("2", template, values="a: 2")
    found = renders(door[0], question(old_chart(chart("1", template)), new, **CHANGED))
    assert isinstance(found.new_chart_old_values, Known)
    assert all("s3cret" not in " ".join(words) for words, _ in door[1].calls)
    with_secret = [stdin for _, stdin in door[1].calls if b"s3cret" in (stdin or b"")]
    assert len(with_secret) == (3 if template == MOVING else 2)


def test_a_chart_that_asks_the_cluster_is_rendered_by_it_as_the_upgrade_would(
    door: tuple[Context, Door],
) -> None:
    found = renders(door[0], question(old_chart(chart("1", MOVING)), chart("2"), **OTHER))
    assert found.today == Known(Rendered("made", ""))
    for words, _ in door[1].calls:
        assert {"upgrade", "--dry-run=server", "--disable-openapi-validation"} <= set(words)


def test_a_chart_that_asks_nothing_is_rendered_without_the_cluster(door: tuple[Context, Door]) -> None:
    renders(door[0], question(old_chart(chart("1")), chart("2"), **OTHER))
    assert {words[1] for words, _ in door[1].calls} == {"template"}


def test_where_helm_refuses_without_a_cluster_the_cluster_decides(door: tuple[Context, Door]) -> None:
    door[1].fails = " template "
    found = renders(door[0], question(old_chart(chart("1")), chart("2"), **OTHER))
    assert found.old_chart_new_values == Known(Rendered("made", ""))


def test_a_render_that_fails_leaves_its_part_open(door: tuple[Context, Door]) -> None:
    door[1].fails = "c-1.tgz"
    found = renders(door[0], question(old_chart(chart("1")), chart("2"), **OTHER))
    assert isinstance(found.old_chart_new_values, Unknown)
    assert "nil pointer" in found.old_chart_new_values.reason
    assert isinstance(found.new_chart_old_values, Known)


# The plan's changes


def config(**data: str) -> str:
    entries = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{entries}"


def caused(old: str, planned: str, renders: CauseRenders, again: str = "") -> ManifestChanges:
    known = facts(stored=Stored(RELEASE, {}, old, ""), rendered=Rendered(planned, ""), renders=renders)
    return object_changes(replace(known, rendered_again=Rendered(again, "") if again else None))


def known(text: str) -> Known[Rendered]:
    return Known(Rendered(text, ""))


def test_what_changes_by_itself_has_the_cluster_or_helm_as_its_cause() -> None:
    old, planned = config(a="1", b="1", c="1"), config(a="2", b="2", c="2")
    found = caused(
        old,
        planned,
        CauseRenders(
            known(config(a="2", b="2", c="1")),
            known(config(a="2", b="1", c="2")),
            known(config(a="2", b="1", c="1")),
            known(config(a="2", b="1", c="1")),
        ),
    )
    assert {field.path: field.cause for field in found.objects[0].fields} == {
        "data.a": "the cluster or Helm",
        "data.b": "your values",
        "data.c": "new template",
    }
    assert found.open_causes == ()


def test_of_a_random_field_only_its_being_there_has_a_cause() -> None:
    found = caused(
        config(a="1"),
        config(a="1", p="r1"),
        CauseRenders(
            known(config(a="1")), known(config(a="1", p="r2")), known(config(a="1")), known(config(a="1"))
        ),
        again=config(a="1", p="r3"),
    )
    (field,) = found.objects[0].fields
    assert (field.path, field.random, field.cause) == ("data.p", True, "new template")


def test_why_causes_are_open_is_said_once() -> None:
    found = caused(config(a="1"), config(a="2"), CauseRenders(GONE, known(config(a="2")), GONE, GONE))
    assert found.objects[0].fields[0].cause == "new chart"
    assert found.open_causes == ("the old chart is gone",)


# Real charts


def real(version: str, values: str) -> str:
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus at {CORPUS}")
    return (CORPUS / f"tyk-oss-{version}-{values}.yaml").read_text(encoding="utf-8")


def fields(changes: ManifestChanges) -> dict[tuple[str, str, str], Any]:
    return {(str(each.id), each.hook, field.path): field for each in changes.objects for field in each.fields}


@pytest.mark.parametrize("values", ["default", "full", "tls"])
@pytest.mark.parametrize("pair", list(pairwise(VERSIONS)))
def test_where_only_the_chart_changes_no_cause_is_the_user(pair: tuple[str, str], values: str) -> None:
    old, new = (real(version, values) for version in pair)
    found = caused(old, new, CauseRenders(known(old), known(new), GONE, known(old)))
    assert {field.cause for field in fields(found).values()} == {"new chart"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("pair", [("default", "full"), ("full", "tls"), ("tls", "default")])
def test_where_only_the_values_change_every_cause_is_the_user(pair: tuple[str, str], version: str) -> None:
    old, new = (real(version, values) for values in pair)
    found = caused(old, new, CauseRenders(known(new), known(old), known(old), known(old)))
    assert {field.cause for field in fields(found).values()} == {"your values"}


@pytest.mark.parametrize("pair", [*pairwise(VERSIONS), ("1.0.0", "5.3.0"), ("5.3.0", "2.0.0")])
@pytest.mark.parametrize("values", [("default", "full"), ("tls", "full"), ("full", "default")])
def test_every_cause_is_what_the_other_renders_show(pair: tuple[str, str], values: tuple[str, str]) -> None:
    """Chart and values change: a cause that is named alone gives the planned value alone; what either gives alone is
    named."""
    old, planned = real(pair[0], values[0]), real(pair[1], values[1])
    yours, chart = real(pair[0], values[1]), real(pair[1], values[0])
    found = fields(caused(old, planned, CauseRenders(known(yours), known(chart), GONE, known(old))))
    by_yours, by_chart = fields(compare(old, yours)), fields(compare(old, chart))
    assert found
    for place, field in found.items():
        alone = [
            name
            for name, render in (("your values", by_yours), ("new chart", by_chart))
            if place in render and render[place].new == field.new
        ]
        assert field.cause in (*alone, "your values and new chart")
        assert len(alone) != 1 or field.cause == alone[0]
