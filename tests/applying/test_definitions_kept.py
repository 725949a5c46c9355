"""Definitions that only the pods have: no step goes on without a way back for them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.run import done
from helm_tyk_upgrade.applying.steps import backup, baseline, restore_apis
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.intent import WayBack
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import Entry, StepStatus
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict
from helm_tyk_upgrade.store.bundle import BundleFile, read_bundle, write_bundle
from helm_tyk_upgrade.targets.bundle_contents import BundleContents
from helm_tyk_upgrade.targets.definitions import FILE
from tests.applying.build import Scene, edited, plan, scene, stored_answer
from tests.checks.build import baseline as known_baseline

HELD = Inventory((ApiDefinition("a1", "orders", "classic", {}),), ())
SAVED = BundleFile(FILE, json.dumps(asdict(HELD)).encode())
NOT_SAVED = ("API definitions and policies: the tunnel broke",)
IGNORED = Verdict("apis-in-emptydir", Status.UNKNOWN, "no answer", policy=Policy.IGNORE)
APIS = RunSettings(restore_apis=True)


def contents(*files: BundleFile, in_emptydir: bool = True) -> BundleContents:
    return BundleContents(list(files), {"revision": 3}, () if files else NOT_SAVED, in_emptydir)


def bundle(folder: Path, *files: BundleFile) -> str:
    info = write_bundle(
        folder,
        bundle_id="first",
        namespace="apis",
        release="tyk",
        time="t",
        files=list(files),
        facts={"revision": 2},
    )
    return str(info.path)


@pytest.mark.parametrize(
    ("intent", "settings", "kept", "status"),
    [
        (plan(), RunSettings(), contents(), StepStatus.FAILED),
        (plan(), APIS, contents(in_emptydir=False), StepStatus.FAILED),
        (plan(baseline=known_baseline()), RunSettings(), contents(), StepStatus.FAILED),
        (plan(verdicts=(IGNORED,)), RunSettings(), contents(), StepStatus.DONE),
        (plan(), RunSettings(), contents(in_emptydir=False), StepStatus.DONE),
        (plan(), APIS, contents(SAVED), StepStatus.DONE),
    ],
    ids=["unknown", "asked to restore", "some are there", "loss accepted", "no emptyDir", "saved"],
)
def test_without_a_copy_of_the_only_definitions_nothing_is_changed(
    tmp_path: Path, intent: Plan, settings: RunSettings, kept: BundleContents, status: StepStatus
) -> None:
    here = scene(tmp_path, intent=intent, settings=settings)
    here.target.contents = kept
    result = backup.do(here.run)
    assert result.status is status
    if status is StepStatus.FAILED:
        assert "the tunnel broke" in result.reason
        assert not here.run.bundles.exists()


def test_a_gateway_without_definitions_has_none_to_lose(tmp_path: Path) -> None:
    from dataclasses import replace

    known = known_baseline().value
    pods = tuple(replace(pod, inventory=Known(Inventory((), ()))) for pod in known.pods)
    here = scene(tmp_path, intent=plan(baseline=Known(replace(known, pods=pods))))
    here.target.contents = contents()
    assert backup.do(here.run).status is StepStatus.DONE


def test_a_bundle_says_which_command_made_it(tmp_path: Path) -> None:
    here = scene(tmp_path, way_back=WayBack(2, (), Known("5.3.8")))
    facts = read_bundle(Path(backup.do(here.run).fact("bundle"))).facts
    assert (facts["revision"], facts["command"]) == (3, "upgrade")


@pytest.mark.parametrize(("cluster", "kept"), [(Known("u-1"), "u-1"), (Unknown("forbidden"), None)])
def test_a_bundle_says_which_cluster_it_is_of(tmp_path: Path, cluster: Maybe[str], kept: str | None) -> None:
    here = scene(tmp_path)
    here.target.cluster = cluster
    assert read_bundle(Path(backup.do(here.run).fact("bundle"))).facts.get("cluster") == kept


@pytest.fixture
def back(tmp_path: Path) -> Scene:
    """A rollback from revision 3 to 2, whose bundle holds one API."""
    way_back = WayBack(2, (), Known("5.3.8"), bundle=bundle(tmp_path / "bundles", SAVED))
    here = scene(tmp_path, back=True, way_back=way_back, settings=APIS)
    here.helm.answers["get"] = stored_answer()
    return here


def test_a_rollback_keeps_a_bundle_even_of_a_gateway_that_cannot_be_asked(back: Scene) -> None:
    back.target.contents = contents()
    result = backup.do(back.run)
    assert result.status is StepStatus.DONE
    assert "not in it: API definitions and policies: the tunnel broke" in result.reason
    assert read_bundle(Path(result.fact("bundle"))).facts["command"] == "rollback"


def test_a_rollback_keeps_the_values_files_that_it_replaces(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_bytes(b"now: 1\n")
    gone = tmp_path / "gone.yaml"
    gone.write_bytes(b"x: 1\n")
    edits = tuple(edited(path, b"then: 1\n")[1] for path in (file, gone))
    gone.unlink()
    here = scene(tmp_path, back=True, way_back=WayBack(2, edits, Known("5.3.8")))
    backup.do(here.run)
    assert here.target.calls == ["keep ['values.yaml']"]


def test_a_rollback_compares_with_what_the_gateway_holds(back: Scene) -> None:
    back.target.baseline = known_baseline().value
    result = baseline.do(back.run)
    assert (result.status, result.fact("apis")) == (StepStatus.DONE, {"a1": "orders"})


def test_a_rollback_of_a_broken_gateway_compares_with_the_saved_definitions(back: Scene) -> None:
    back.target.baseline = ClusterError("no pod answers")
    result = baseline.do(back.run)
    assert (result.status, result.reason) == (StepStatus.UNKNOWN, "no pod answers")
    assert result.fact("apis") == {"a1": "orders"}


@pytest.mark.parametrize("own", [True, False])
def test_definitions_come_from_the_runs_own_bundle_or_else_from_the_one_gone_back_to(
    back: Scene, own: bool
) -> None:
    back.target.contents = contents(*([SAVED] if own else []))
    kept = backup.do(back.run)
    back.run.journal.append(Entry(1, "backup", "end", "t", kept))
    assert restore_apis.do(back.run).status is StepStatus.DONE
    assert back.target.restored == [kept.fact("bundle") if own else back.run.way_back.bundle]


def test_where_no_bundle_holds_definitions_they_are_not_restored(tmp_path: Path) -> None:
    here = scene(tmp_path, settings=APIS)
    here.run.journal.append(Entry(1, "backup", "end", "t", done("kept", bundle=bundle(tmp_path / "b"))))
    result = restore_apis.do(here.run)
    assert (result.status, here.target.restored) == (StepStatus.FAILED, [])
