"""Which run a rollback undoes."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.planning import undoing
from helm_tyk_upgrade.planning.elsewhere import Recorded
from helm_tyk_upgrade.planning.undoing import Undoing, to_undo
from helm_tyk_upgrade.store.journal import ENDED, RunHeader, create, open_journal
from helm_tyk_upgrade.store.records import KeptRecord
from helm_tyk_upgrade.targets.release import ReleaseTarget
from tests.applying.build import RELEASE, history_answer, scene
from tests.store.test_bundle import VALUES, write


def header(run: str, revision: int, command: str = "upgrade") -> RunHeader:
    return RunHeader(run, command, "apis", "tyk", revision, "tyk-oss-2.2.0", "tyk-oss-5.3.0", "t", "1")


def upgraded(revision: int) -> tuple[Entry, ...]:
    """The lines of an upgrade that made this revision."""
    result = StepResult(StepStatus.DONE, "", (("changed", True), ("revision", revision)))
    return (Entry(1, "upgrade", "begin", "t"), Entry(2, "upgrade", "end", "t", result))


class World:
    """The machine's folders, and what the cluster has on record."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        here = scene(folder, env={"TYK_UPGRADE_STATE_DIR": str(folder)})
        self.context: Context = here.context
        self.store = folder / "bundles"
        self.found: Maybe[tuple[Recorded, ...]] = Known(())
        self.facts: dict[str, object] = {}
        self.helm = here.helm
        monkeypatch.setattr(undoing, "recorded", lambda context, release: self.found)
        monkeypatch.setattr(undoing, "record_of", self.record)

    def record(self, context: Context, namespace: str, release: str, run: str) -> tuple[KeptRecord, str]:
        assert isinstance(self.found, Known)
        kept = next(item.header for item in self.found.value if item.header.run == run)
        facts = {"revision": kept.from_revision, "command": "upgrade", "chart": kept.from_chart}
        lines = upgraded(kept.from_revision + 1)
        return KeptRecord(kept, lines, "t", facts | self.facts, (VALUES,)), "7"

    def recorded(self, run: str, revision: int, *, ended: bool = True, command: str = "upgrade") -> None:
        assert isinstance(self.found, Known)
        item = Recorded(header(run, revision, command), ended, "7", "")
        self.found = Known((*self.found.value, item))

    def cut_off(self, run: str, revision: int, *entries: Entry) -> None:
        """On this machine, by a process that is gone."""
        write(self.store, bundle_id=run, facts={"revision": revision, "command": "upgrade"})
        journal = create(self.context.runs_folder, header(run, revision))
        for entry in entries:
            journal.append(entry)

    def chosen(self, wanted: str = "") -> Undoing:
        return to_undo(self.context, RELEASE, self.store, wanted)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_the_newest_bundle_from_before_the_present_revision_is_taken(world: World) -> None:
    for day, revision in ((20, 1), (21, 2), (22, 3)):  # the last one was made by `backup` after the upgrade
        write(world.store, bundle_id=f"202611{day}", facts={"revision": revision})
    write(world.store, bundle_id="20261123", release="other", facts={"revision": 1})
    assert RELEASE.revision == 3
    assert world.chosen().bundle.id == "20261121"


def test_what_was_cut_off_is_undone_first(world: World) -> None:
    """It may have written values files before Helm made a revision."""
    write(world.store, bundle_id="20261120", facts={"revision": 1, "command": "upgrade"})
    world.cut_off("20261121", RELEASE.revision)
    chosen = world.chosen()
    assert (chosen.bundle.id, chosen.cut_off) == ("20261121", True)
    journal = chosen.journal(world.context)
    assert journal is not None
    assert journal.header.run == "20261121"


def test_the_bundle_of_a_rollback_is_gone_back_to_only_by_name(world: World) -> None:
    write(world.store, bundle_id="20261120", facts={"revision": 1, "command": "upgrade"})
    write(world.store, bundle_id="20261121", facts={"revision": 2, "command": "rollback"})
    world.recorded("20261122", 2, command="rollback")
    assert world.chosen().bundle.id == "20261120"
    assert world.chosen("20261121").bundle.id == "20261121"


def test_a_named_bundle_is_taken_as_it_is(world: World) -> None:
    write(world.store, bundle_id="20261120", facts={"revision": 1})
    write(world.store, bundle_id="20261121", facts={"revision": 2})
    assert world.chosen("20261120").bundle.facts["revision"] == 1


def test_a_bundle_of_another_release_is_refused(world: World) -> None:
    write(world.store, bundle_id="20261120", release="other")
    with pytest.raises(UsageError, match="one of apis/other, not of apis/tyk"):
        world.chosen("2026")


@pytest.mark.parametrize("revisions", [[], [3], [3, 4]])
def test_without_one_from_before_helms_own_rollback_is_named(world: World, revisions: list[int]) -> None:
    for revision in revisions:
        write(world.store, bundle_id=f"2026112{revision}", facts={"revision": revision})
    with pytest.raises(NotFound, match="no bundle of apis/tyk from before revision 3") as caught:
        world.chosen()
    assert "helm rollback tyk -n apis" in caught.value.hint


def test_a_newer_run_of_another_machine_goes_before_an_older_one_of_this(world: World) -> None:
    """Going back with the older bundle would undo two upgrades."""
    write(world.store, bundle_id="20261120", facts={"revision": 1, "command": "upgrade"})
    world.recorded("20261121", 2)
    chosen = world.chosen()
    assert chosen.bundle.id == "20261121"
    assert chosen.bundle.path.is_relative_to(world.store)
    assert chosen.bundle.facts["from"] == "the record in the cluster"
    assert chosen.journal(world.context) is None
    assert any("another machine" in note for note in chosen.notes)


def test_a_run_that_another_machine_left_open_is_taken_with_its_journal(world: World) -> None:
    world.recorded("20261121", 2, ended=False)
    chosen = world.chosen()
    journal = chosen.journal(world.context)
    assert journal is not None
    assert open_journal(world.context.runs_folder, "20261121").entries == journal.entries


def test_a_run_that_another_machine_brought_to_its_end_is_not_cut_off_here(world: World) -> None:
    world.cut_off("20261121", RELEASE.revision)
    world.recorded("20261121", RELEASE.revision)
    write(world.store, bundle_id="20261120", facts={"revision": 1, "command": "upgrade"})
    assert world.chosen().bundle.id == "20261120"


def test_a_record_is_found_by_the_beginning_of_its_name(world: World) -> None:
    world.recorded("20261121", 2)
    assert world.chosen("202611").bundle.id == "20261121"


def test_a_cluster_that_cannot_be_asked_is_said(world: World) -> None:
    world.found = Unknown("secrets is forbidden")
    with pytest.raises(NotFound, match="secrets is forbidden"):
        world.chosen()
    write(world.store, bundle_id="20261120", facts={"revision": 1, "command": "upgrade"})
    assert world.chosen().notes == (
        "Runs of other machines are not looked at: the cluster cannot be asked: secrets is forbidden",
    )


def test_an_ended_run_of_this_machine_is_not_ended_again(world: World) -> None:
    world.cut_off("20261121", 2)
    runs = world.context.runs_folder
    journal = open_journal(runs, "20261121")
    for entry in (*upgraded(3), Entry(3, "", ENDED, "t")):
        journal.append(entry)
    assert not world.chosen().cut_off


ENDED_RUN = Entry(3, "", ENDED, "t")


@pytest.mark.parametrize("away", [True, False])
def test_what_somebody_else_did_since_is_undone_only_by_name(world: World, away: bool) -> None:
    """Our run made revision 2, a colleague's helm upgrade 3."""
    if away:
        world.recorded("20261121", 1)
    else:
        world.cut_off("20261121", 1, *upgraded(2), ENDED_RUN)
    world.helm.answers["history"] = history_answer((2, "superseded"), (3, "deployed"), description="Mend it")
    with pytest.raises(
        UsageError, match=r"revision 3 of apis/tyk \(Mend it, .*which left revision 2"
    ) as caught:
        world.chosen()
    assert "--bundle 20261121" in caught.value.hint
    assert world.chosen("20261121").bundle.id == "20261121"


def test_a_run_that_has_changed_nothing_yet_does_not_undo_anybody_elses(world: World) -> None:
    world.cut_off("20261121", 2, Entry(1, "write_values", "begin", "t"))
    world.helm.answers["history"] = history_answer((2, "superseded"), (3, "deployed"))
    with pytest.raises(UsageError, match="was not made by run 20261121"):
        world.chosen()


@pytest.mark.parametrize("present", [Known("u-staging"), Known("u-prod"), Unknown("forbidden")])
@pytest.mark.parametrize("away", [True, False])
def test_a_bundle_of_another_cluster_is_not_gone_back_to(
    world: World, monkeypatch: pytest.MonkeyPatch, present: Maybe[str], away: bool
) -> None:
    monkeypatch.setattr(ReleaseTarget, "cluster_identity", lambda self: present)
    world.facts = {"cluster": "u-staging"}
    if away:
        world.recorded("20261121", 2)
    else:
        write(world.store, bundle_id="20261121", facts={"revision": 2, **world.facts})
    for wanted in ("", "20261121"):
        if present == Known("u-prod"):
            with pytest.raises(TykUpgradeError, match="begun on another cluster"):
                world.chosen(wanted)
        else:
            assert world.chosen(wanted).bundle.id == "20261121"


def test_nothing_is_undone_while_a_run_of_the_release_is_at_work(world: World) -> None:
    write(world.store, bundle_id="20261120", facts={"revision": 1})
    working = create(world.context.runs_folder, header("20261121", 2))
    for wanted in ("", "20261120"):
        with pytest.raises(TykUpgradeError, match="run 20261121 of apis/tyk is being carried out"):
            world.chosen(wanted)
    del working
    assert world.chosen().bundle.id == "20261120"


def test_an_imported_bundle_is_taken_only_by_name(world: World) -> None:
    write(world.store, bundle_id="20261121", facts={"revision": 2, "imported": True})
    with pytest.raises(UsageError, match="20261121, was imported"):
        world.chosen()
    with pytest.raises(NotFound, match="no bundle is named 2026112"):
        world.chosen("2026112")
    assert world.chosen("20261121").bundle.id == "20261121"


@pytest.mark.parametrize("facts", [{}, {"revision": "2"}, {"revision": True}])
def test_a_bundle_that_does_not_tell_its_revision_is_left_out(world: World, facts: dict[str, object]) -> None:
    write(world.store, bundle_id="20261120", facts={"revision": 1})
    write(world.store, bundle_id="20261121", facts=facts)
    assert world.chosen().bundle.id == "20261120"
    with pytest.raises(UsageError, match="does not tell the revision"):
        world.chosen("20261121")


def test_a_record_whose_revisions_differ_is_not_believed(world: World) -> None:
    world.recorded("20261121", 2)
    world.facts = {"revision": 1}
    with pytest.raises(TykUpgradeError, match="does not tell one revision"):
        world.chosen()


def test_a_damaged_record_is_said_and_hides_nothing(world: World) -> None:
    write(world.store, bundle_id="20261120", facts={"revision": 1})
    world.found = Known((Recorded(header("20261121", 0), False, "7", "", "it is damaged"),))
    chosen = world.chosen()
    assert chosen.bundle.id == "20261120"
    assert chosen.notes == ("Run 20261121 is not looked at: it is damaged",)
