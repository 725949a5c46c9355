"""What a record in the cluster cannot make another machine do, and which runs that machine goes on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.applying.intent import intent_of
from helm_tyk_upgrade.cluster.run_records import Record, RunRecords
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.model.inputs import Layers, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.intent import WayBack
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.planning import elsewhere, resuming
from helm_tyk_upgrade.planning.elsewhere import Recorded, same_run
from helm_tyk_upgrade.planning.moved import check_movable
from helm_tyk_upgrade.planning.resuming import find_cut_off, states, take
from helm_tyk_upgrade.store import intents
from helm_tyk_upgrade.store.bundle import BundleFile
from helm_tyk_upgrade.store.intents import KeptRun
from helm_tyk_upgrade.store.journal import ENDED, RESUMED, RunHeader, create
from helm_tyk_upgrade.store.records import KeptRecord, notes_of
from helm_tyk_upgrade.targets.release import ReleaseTarget
from tests.applying.build import RELEASE, plan, scene
from tests.store.test_bundle import write

RUN = "20261123-200435-1a2b3c"
HEADER = RunHeader(RUN, "upgrade", "apis", "tyk", 3, "tyk-oss-2.2.0", "tyk-oss-5.3.0", "t", "1")
LINES = (
    Entry(1, "lock", "begin", "t1"),
    Entry(2, "backup", "end", "t2", StepResult(StepStatus.DONE, "kept", (("bundle", "/there"),))),
    Entry(3, "upgrade", "begin", "t3"),
)


def kept(**changed: Any) -> KeptRun:
    intent = replace(intent_of(plan()), **{"layers": Layers(), "files": (), "edited": (), **changed})
    return KeptRun(RELEASE, RunSettings(), WayBack(3, (), Known("5.3.8")), intent)


def record(run: KeptRun | None = None, entries: tuple[Entry, ...] = LINES) -> KeptRecord:
    files = () if run is None else (BundleFile(intents.NAME, intents.encode(run)),)
    return KeptRecord(HEADER, entries, "t", {"revision": 3, "command": "upgrade"}, files)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    env = {"TYK_UPGRADE_STATE_DIR": str(tmp_path), "HELM_NAMESPACE": "apis"}
    return scene(tmp_path / "scene", env=env).context


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"flags": UpgradeFlags(post_renderer="/bin/evil")}, "post-renderer /bin/evil is a program"),
        ({"flags": UpgradeFlags(passed=("--kube-apiserver=https://x",))}, "given --kube-apiserver, which"),
        (
            {"layers": Layers((), (("--set-file", "a=/root/.ssh/id"),))},
            "a file that was given with --set-file",
        ),
        ({"layers": Layers(("/root/.kube/config",))}, "it reads /root/.kube/config"),
        ({"layers": Layers(("https://x/v", "secrets:///root/.kube/config"))}, "it reads secrets:///root"),
        ({"layers": Layers(("file:///root/.kube/config",))}, "it reads file:///root"),
    ],
)
def test_a_record_does_not_make_this_machine_read_or_start_anything(
    context: Context, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(TykUpgradeError, match="cannot go on on this machine") as caught:
        check_movable(kept(**changed), record(), context)
    assert words in caught.value.message


def test_what_helm_is_given_in_bytes_and_urls_moves(context: Context) -> None:
    layers = Layers((b"a: 1", "https://there/v.yaml", "oci://there/v", "http://there/v"), (("--set", "a=2"),))
    check_movable(kept(layers=layers, flags=UpgradeFlags(passed=("--no-hooks",))), record(), context)


def test_definitions_are_posted_only_where_the_whole_bundle_is(context: Context) -> None:
    run = replace(kept(), settings=RunSettings(restore_apis=True))
    with pytest.raises(TykUpgradeError, match="it posts API definitions again"):
        check_movable(run, record(), context)
    write(context.bundle_folder(), bundle_id=RUN)
    check_movable(run, record(), context)


@pytest.mark.parametrize("other", [replace(RELEASE, name="other"), replace(RELEASE, namespace="other")])
def test_a_record_that_leads_to_another_release_is_refused(
    context: Context, cluster: InCluster, other: Release
) -> None:
    """Whoever may write Secrets in one namespace must not have another one's release upgraded."""
    cluster.record = record(replace(kept(), release=other))
    with pytest.raises(TykUpgradeError, match=r"of apis/tyk set out to change .*other"):
        find_cut_off(context, RUN, "")


@pytest.mark.parametrize("away", [True, False])
@pytest.mark.parametrize("present", [Known("u-staging"), Known("u-prod"), Unknown("namespaces is forbidden")])
def test_a_run_of_another_cluster_does_not_go_on_here(
    context: Context, cluster: InCluster, monkeypatch: pytest.MonkeyPatch, present: Maybe[str], away: bool
) -> None:
    monkeypatch.setattr(ReleaseTarget, "cluster_identity", lambda self: present)
    facts = {"revision": 3, "cluster": "u-staging"}
    if away:
        cluster.record = replace(record(kept()), facts=facts)
    else:
        begun_here(context, facts=facts)
    if present == Known("u-prod"):
        with pytest.raises(
            TykUpgradeError, match="begun on another cluster, with a release apis/tyk of its own"
        ):
            find_cut_off(context, RUN, "")
    else:
        assert find_cut_off(context, RUN, "").header.run == RUN


def test_one_damaged_journal_does_not_hide_the_other_runs(context: Context, cluster: InCluster) -> None:
    begun_here(context)
    older = create(context.runs_folder, replace(HEADER, run="20261122"))
    (older.folder / "journal.jsonl").write_text("no line of a journal\n")
    del older
    assert states(context.runs_folder) == {"20261122": "damaged", RUN: "cut off"}
    assert find_cut_off(context, "", "").header.run == RUN


def test_one_damaged_record_does_not_hide_the_others(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = Record("tyk", RUN, "7", notes_of(HEADER, LINES, "w"))
    bad = Record("tyk", "20261122", "8", {"header": "{"})
    lies = Record("tyk", "20261121", "9", notes_of(HEADER, LINES, "w"))
    monkeypatch.setattr(RunRecords, "list", lambda self, release="": (lies, bad, good))
    monkeypatch.setitem(context.__dict__, "cluster", object())
    listed = elsewhere.recorded(context)
    assert isinstance(listed, Known)
    assert [(item.header.run, bool(item.damage)) for item in listed.value] == [
        ("20261121", True),
        ("20261122", True),
        (RUN, False),
    ]


def test_a_damaged_record_is_said_where_nothing_else_was_cut_off(
    context: Context, cluster: InCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = Recorded(HEADER, False, "7", "", "the cluster's record of the run is damaged: KeyError")
    monkeypatch.setattr(resuming, "recorded", lambda context, release="": Known((damaged,)))
    with pytest.raises(NotFound, match=f"was cut off; {RUN}: the cluster's record of the run is damaged"):
        find_cut_off(context, "", "")


class InCluster:
    """The cluster's records, as a test sets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.record: KeptRecord | None = None
        self.version = "7"
        self.unknown = ""
        monkeypatch.setattr(elsewhere, "recorded", self.listed)
        monkeypatch.setattr(resuming, "recorded", self.listed)
        monkeypatch.setattr(elsewhere, "record_of", self.read)
        monkeypatch.setattr(resuming, "record_of", self.read)

    def listed(self, context: Context, release: str = "") -> Maybe[tuple[Recorded, ...]]:
        if self.unknown:
            return Unknown(self.unknown)
        if self.record is None:
            return Known(())
        ended = self.record.entries[-1].event == ENDED
        return Known((Recorded(self.record.header, ended, self.version, ""),))

    def read(self, context: Context, namespace: str, release: str, run: str) -> tuple[KeptRecord, str]:
        if self.unknown:
            raise TykUpgradeError(self.unknown)
        if self.record is None:
            raise NotFound("no record")
        return self.record, self.version


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> InCluster:
    return InCluster(monkeypatch)


def begun_here(context: Context, *entries: Entry, facts: dict[str, Any] | None = None) -> None:
    intent = BundleFile(intents.NAME, intents.encode(kept()))
    info = write(context.bundle_folder(), intent, bundle_id=RUN, facts=facts or {"revision": 3})
    journal = create(context.runs_folder, HEADER)
    for entry in entries or LINES:
        if entry.step == "backup":
            entry = replace(entry, result=StepResult(StepStatus.DONE, "", (("bundle", str(info.path)),)))
        journal.append(entry)


@pytest.mark.parametrize("named", [RUN, ""])
def test_a_run_of_another_machine_is_found_by_name_and_without(
    context: Context, cluster: InCluster, named: str
) -> None:
    cluster.record = record(kept())
    found = find_cut_off(context, named, "")
    assert (found.header.run, found.stopped, found.version) == (RUN, "upgrade", "7")
    assert found.record is cluster.record
    assert not context.runs_folder.exists()


def test_taken_it_is_a_run_of_this_machine(context: Context, cluster: InCluster, tmp_path: Path) -> None:
    archive = tmp_path / "chart.tgz"
    archive.write_bytes(b"chart")
    digest = sha256(b"chart")
    run = kept(archive=replace(intent_of(plan()).archive, path=str(archive), digest=digest))
    cluster.record = record(run)
    cut = take(find_cut_off(context, RUN, ""), context)
    assert (cut.moved, cut.bundles, len(cut.journal.entries)) == (True, context.bundle_folder(), 3)


def test_what_went_on_between_looking_and_taking_is_left(context: Context, cluster: InCluster) -> None:
    cluster.record = record(kept())
    found = find_cut_off(context, RUN, "")
    cluster.version = "8"
    with pytest.raises(TykUpgradeError, match="went on elsewhere meanwhile"):
        take(found, context)
    assert not context.runs_folder.exists()


def test_the_journal_of_this_machine_is_enough(context: Context, cluster: InCluster) -> None:
    begun_here(context)
    cluster.record = record(kept(), LINES[:2])  # the last line never reached the cluster
    found = find_cut_off(context, "", "tyk")
    assert (found.record, found.stopped, found.unasked) == (None, "upgrade", "")


@pytest.mark.parametrize("last", [Entry(3, "upgrade", "begin", "t9"), Entry(4, "", RESUMED, "t9")])
def test_what_another_machine_did_since_counts(context: Context, cluster: InCluster, last: Entry) -> None:
    begun_here(context)
    cluster.record = record(kept(), (*LINES[: last.sequence - 1], last))
    assert find_cut_off(context, RUN, "").record is cluster.record


def test_a_run_that_another_machine_ended_has_ended(context: Context, cluster: InCluster) -> None:
    begun_here(context)
    cluster.record = record(kept(), (*LINES, Entry(4, "", ENDED, "t4")))
    with pytest.raises(UsageError, match="has come to its end"):
        find_cut_off(context, RUN, "")
    with pytest.raises(NotFound, match="was cut off"):
        find_cut_off(context, "", "")


def test_a_cluster_that_cannot_be_asked_is_said(context: Context, cluster: InCluster) -> None:
    cluster.unknown = "secrets is forbidden"
    with pytest.raises(NotFound, match="the cluster cannot be asked: secrets is forbidden"):
        find_cut_off(context, RUN, "")
    with pytest.raises(NotFound, match="secrets is forbidden"):
        find_cut_off(context, "", "")
    begun_here(context)
    assert find_cut_off(context, RUN, "").unasked == "secrets is forbidden"


def test_without_what_it_set_out_to_do_it_is_only_rolled_back(context: Context, cluster: InCluster) -> None:
    cluster.record = record(None)
    with pytest.raises(TykUpgradeError, match="was too large for the cluster's record") as caught:
        find_cut_off(context, RUN, "")
    assert "rollback" in caught.value.hint


def test_a_run_that_nobody_knows_is_missing(context: Context, cluster: InCluster) -> None:
    with pytest.raises(NotFound, match="neither on this machine nor recorded in namespace apis"):
        find_cut_off(context, RUN, "")
    assert same_run(context, HEADER, LINES) is None
