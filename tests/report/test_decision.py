"""The line under a plan's title, and what of the checks stands on its first page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.model.change import ManifestChanges, ObjectChange
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.inputs import Capabilities
from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.server import ImagePresence, LiveNeighbours, ServerTruth
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown
from helm_tyk_upgrade.report import json_v1, markdown, terminal
from helm_tyk_upgrade.report.decision import decide
from helm_tyk_upgrade.report.detail import Detail
from tests.report import records

GOOD = passed("chart-digest", "it is the published one")
WARNS = failed(
    "drift", "1 change made outside Helm would be overwritten", "by hand", hint="put it into the values"
)
OPEN = unknown("permissions", "forbidden", hint="ask")
BLOCKS = replace(failed("data-loss", "a claim goes", "PersistentVolumeClaim apps"), policy=Policy.FAIL)
IGNORED = replace(WARNS, check="availability", policy=Policy.IGNORE)
WAY = passed("way-back", "proven: revision 7 is kept")
IMAGE = "registry.example/tyk-gateway:v5.13.1"
NOWHERE = ImagePresence(IMAGE, ("Deployment gateway-prod",), Known(False), evidence="no node has it")


def judged(*verdicts: Verdict, **changed: Any) -> Plan:
    return replace(records.plan(), server=ServerTruth(), verdicts=verdicts, **changed)


def shown(plan: Plan, width: int = 80, detail: Detail | None = None) -> str:
    return terminal.plan(plan, records.masker(), width=width, detail=detail or Detail())


@pytest.mark.parametrize(
    ("plan", "text", "style"),
    [
        (judged(GOOD), "Can go ahead", "good"),
        (judged(GOOD, WARNS), "Can go ahead, 1 warning", "warn"),
        (judged(WARNS, replace(WARNS, check="x"), OPEN), "Can go ahead, 2 warnings, 1 unknown", "warn"),
        (judged(GOOD, OPEN), "Can go ahead, 1 unknown", "warn"),
        (judged(IGNORED), "Can go ahead", "good"),
        (judged(BLOCKS, WARNS), "BLOCKED by data-loss, 1 warning", "bad"),
        (judged(BLOCKS, replace(OPEN, policy=Policy.FAIL)), "BLOCKED by data-loss, permissions", "bad"),
        (judged(only=("diff",)), "Not decided: not everything was asked", "warn"),
        (judged(GOOD, only=("checks",)), "Can go ahead", "good"),
        (
            judged(OPEN, offline=Capabilities("1.34.0")),
            "Not decided: not everything was asked, 1 unknown",
            "warn",
        ),
        (judged(BLOCKS, offline=Capabilities("1.34.0")), "BLOCKED by data-loss", "bad"),
    ],
)
def test_the_verdict_is_one_line(plan: Plan, text: str, style: str) -> None:
    found = decide(plan)
    assert (found.text, found.style) == (text, style)
    assert shown(plan).splitlines()[1] == text
    assert text in markdown.plan_markdown(plan, records.masker()).splitlines()[0]
    assert json.loads(json_v1.plan_json(plan, records.masker()))["decision"]["text"] == text


def test_only_what_blocks_is_called_a_failure() -> None:
    text = shown(judged(BLOCKS, WARNS, IGNORED, WAY), detail=Detail(frozenset(("checks",))))
    rows = [
        tuple(line.split()[:2]) for line in text[text.index("\nChecks") :].splitlines() if line[:2] == "  "
    ]
    assert {("FAIL", "data-loss"), ("WARN", "drift"), ("ignored", "availability")} <= set(rows)
    assert "| `drift` | ⚠️ warn |" in markdown.plan_markdown(judged(WARNS), records.masker())


def test_a_failure_of_a_proof_stays_one() -> None:
    assert terminal.verdicts("Proof", [WARNS], records.masker()).splitlines()[1].startswith("  FAIL")


def test_what_blocks_and_what_warns_stand_before_the_values() -> None:
    text = shown(judged(GOOD, WARNS, OPEN, BLOCKS, WAY))
    top = text[: text.index("\nValues")]
    assert "FAIL     data-loss               blocks: a claim goes" in top
    assert "WARN     drift                   1 change made outside Helm would be" in top
    assert "unknown (1): permissions" in top
    below = text[text.index("\nChecks") :]
    assert "1 change made outside Helm" not in below
    assert "-> put it into the values" in below
    assert "forbidden" in below


@pytest.mark.parametrize("server", [ServerTruth(images=Known((NOWHERE,)))])
def test_a_gateway_image_that_is_nowhere_is_said_beside_a_proven_way_back(server: ServerTruth) -> None:
    image = failed("images-present", f"the gateway's own image {IMAGE} is absent")
    plan = replace(judged(image, WAY), server=server)
    fails = "the rollout will fail (no gateway image)"
    assert shown(plan).splitlines()[1:3] == [f"Can go ahead, but {fails}, 1 warning", ""]
    after = shown(plan)[shown(plan).index("\nWay back") :]
    assert "proven: revision 7 is kept" in after
    assert f"It will be needed: {fails}." in after
    assert f"It will be needed: {fails}" in markdown.plan_markdown(plan, records.masker())


@pytest.mark.parametrize(
    "image", [replace(NOWHERE, image="other:1"), replace(NOWHERE, present=Unknown("429"))]
)
def test_another_image_or_an_unsure_one_does_not_surely_fail(image: ImagePresence) -> None:
    assert decide(replace(judged(GOOD), server=ServerTruth(images=Known((image,))))).fails == ""


def test_versions_passed_over_for_one_reason_are_one_line() -> None:
    newer = tuple((f"5.{minor}.0", "you asked for 3.0.0") for minor in range(9))
    text = shown(
        judged(GOOD, chart=Chosen("3.0.0", "you asked for it", (*newer, ("6.0.0-rc", "a prerelease"))))
    )
    assert "not 5.0.0, 5.1.0, 5.2.0 and 6 more: you asked for 3.0.0" in text
    assert "not 6.0.0-rc: a prerelease" in text
    assert text.count("you asked for 3.0.0") == 1


@pytest.mark.parametrize("verdicts", [(), (passed("availability", "no pod is replaced"),)])
def test_that_no_pod_is_replaced_is_said_once(verdicts: tuple[Verdict, ...]) -> None:
    quiet = tuple(replace(each, restarts=False) for each in records.plan().objects.objects)
    plan = judged(*verdicts, objects=ManifestChanges(quiet, 0))
    assert isinstance(quiet[0], ObjectChange)
    top = shown(plan).partition("\nVersions")[0]
    assert top.count("no pod is replaced") == 1


@pytest.mark.parametrize("width", [60, 80, 120])
def test_reasons_start_in_one_column(width: int) -> None:
    names = ("drift", "values-only-in-release", "gateway-support")
    plan = judged(*(failed(name, "REASON " + "word " * 30) for name in names))
    lines = shown(plan, width).splitlines()
    assert len({line.index("REASON") for line in lines if "REASON" in line}) == 1
    assert max(len(line) for line in lines if "word" in line) <= width


def test_long_paths_of_objects_keep_to_a_narrow_page() -> None:
    text = shown(records.plan(), 60)
    wide = [line for line in text.splitlines() if len(line) > 60]
    assert [line for line in wide if not line.strip().startswith("docker run")] == []


def test_images_that_are_there_are_named() -> None:
    there = (replace(NOWHERE, present=Known(True)), replace(NOWHERE, image="redis:7", present=Known(True)))
    near = LiveNeighbours(platforms=Known(("linux/amd64",)))
    text = shown(replace(judged(GOOD), server=ServerTruth(images=Known(there), neighbours=near)))
    assert f"2 images there for every platform\n    {IMAGE}, redis:7" in text


@pytest.mark.parametrize("platforms", [Unknown("nodes: forbidden"), Known(())])
def test_images_are_not_said_to_fit_where_no_platform_was_compared(
    platforms: Maybe[tuple[str, ...]],
) -> None:
    there = (replace(NOWHERE, present=Known(True)), replace(NOWHERE, image="redis:7", present=Known(True)))
    near = LiveNeighbours(platforms=platforms)
    server = ServerTruth(images=Known(there), images_back=Known(there[:1]), neighbours=near)
    text = shown(replace(judged(GOOD), server=server))
    assert "2 images there; platforms not compared" in text
    assert "way back: 1 image there; platforms not compared" in text
    assert "every platform" not in text


def test_a_plugin_of_which_no_file_name_is_known_has_no_empty_list() -> None:
    plugin = GoPlugin("API orders", "/p/a.so", (), Known(()))
    text = shown(judged(GOOD, plugins=Known(GoPlugins((plugin,)))))
    assert "looks for" not in text
    assert "no file of it was found" in text


def test_a_plan_that_was_reviewed_is_not_spelled_out_again() -> None:
    base = records.plan()
    plan = replace(base, verdicts=(WARNS, WAY))
    text = terminal.approved(plan, records.masker())
    assert text.splitlines()[1] == "Can go ahead, 1 warning"
    assert "Deployment gateway-prod spec.replicas" in text
    assert "Objects" not in text
    assert "Values" not in text
    assert len(text.splitlines()) < 25


@pytest.mark.parametrize(
    ("verdicts", "end"), [((), ""), ((BLOCKS, WARNS), "; a change would be blocked by data-loss, 1 warning")]
)
def test_nothing_to_do_is_said_beside_what_would_block(verdicts: tuple[Verdict, ...], end: str) -> None:
    base = judged(*verdicts)
    idle = replace(
        base,
        release=replace(base.release, chart_version="5.3.0"),
        objects=ManifestChanges((), 4),
        values_changes=replace(base.values_changes, yours=(), edited_files=()),
        server=replace(base.server, drift=Known(())),
    )
    assert decide(idle).text == f"Nothing to do: chart, values and objects are as planned already{end}"
    assert decide(idle).answer == "nothing to do"
    drifted = replace(base.server, drift=records.plan().server.drift)
    assert not replace(idle, server=drifted).nothing_to_do, "drift is mended"
