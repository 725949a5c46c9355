"""`unlock`: the evidence first, a question, Helm's own command; nothing while somebody is at work."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, cast

import pytest

from helm_tyk_upgrade import cli
from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.errors import Exit, NotFound
from tests.applying.build import stored_answer
from tests.targets.test_stuck import MANIFEST, Watching, World, history, journal, lease, pod

METADATA = {
    "name": "tyk",
    "namespace": "apis",
    "revision": 4,
    "status": "pending-upgrade",
    "chart": "tyk-oss",
    "version": "4.0.0",
}
ROWS = ((3, "deployed"), (4, "pending-upgrade"))
AN_HOUR_AGO = "2026-11-23T19:04:35Z"


class Leased(World):
    """With a Lease that can be written, too."""

    def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        assert self.lease is None
        self.lease = manifest
        self.lease["metadata"]["resourceVersion"] = "1"
        return manifest

    def replace(self, manifest: dict[str, Any]) -> dict[str, Any]:
        assert self.lease is not None
        assert manifest["metadata"]["resourceVersion"] == self.lease["metadata"]["resourceVersion"]
        self.lease = manifest
        return manifest

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "") -> None:
        self.lease = None

    def look(self) -> str:
        return str(self.lease and self.lease["spec"]["holderIdentity"])


class Tried:
    """The program, once. out and err: what it said."""

    def __init__(
        self, world: Leased, folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
    ) -> None:
        streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
        context = Context({"HELM_NAMESPACE": "apis", "TYK_UPGRADE_STATE_DIR": str(folder)}, streams)
        doors = {"clock": Watching(world), "cluster": world, "processes": world.scripted}
        context.__dict__.update(doors)
        monkeypatch.setattr(cli, "Context", lambda env, given: context)
        self.code = cli.main(["unlock", "tyk", *words], context.env, streams)
        self.out = cast(io.StringIO, streams.stdout).getvalue()
        self.err = cast(io.StringIO, streams.stderr).getvalue()


@pytest.fixture
def world() -> Leased:
    made = Leased()
    made.scripted.answers["history"] = history(*ROWS, updated=AN_HOUR_AGO)
    made.scripted.answers["get"] = [json.dumps(METADATA).encode(), stored_answer(MANIFEST, revision=4)]
    return made


def freed(world: Leased) -> None:
    """What Helm tells after its rollback."""
    before = history(*ROWS, updated=AN_HOUR_AGO)
    world.scripted.answers["history"] = [before, before, history((5, "deployed"), updated=AN_HOUR_AGO)]
    world.scripted.will(0)


def test_it_shows_the_evidence_and_frees_by_helms_rollback(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed(world)
    done = Tried(world, tmp_path, monkeypatch, ("--yes",))
    assert (done.code, done.err) == (Exit.OK, "")
    assert world.scripted.started[0][1:] == ["rollback", "tyk", "3", "--namespace", "apis"]
    for words in (
        "revision 4 of apis/tyk is pending-upgrade.",
        "  written: 60 min ago",
        "  lease: nobody holds it",
        "  workloads: nothing moves; all complete",
        "  last revision that worked: revision 3",
        "It can be freed: nothing has moved",
        "  -> helm rollback tyk 3 -n apis",
        "apis/tyk is at revision 5 (deployed)",
        "helm tyk-upgrade verify tyk -n apis",
    ):
        assert words in done.out
    assert world.lease is None


def test_it_asks_and_changes_nothing_without_a_yes(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Tried(world, tmp_path, monkeypatch, ())
    assert done.code == Exit.ERROR
    assert "nothing was changed" in done.err
    assert "helm rollback tyk 3 -n apis" in done.out
    assert world.scripted.started == []
    assert world.lease is None


def _moves(world: Leased) -> None:
    world.meanwhile = lambda: world.pods.append(pod("2"))


def _held(world: Leased) -> None:
    world.lease = lease(5)


def _owned(world: Leased) -> None:
    assert isinstance(world.deployment, dict)
    world.deployment["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "shop:apps/Deployment"


def _young(world: Leased) -> None:
    world.scripted.answers["history"] = history(*ROWS, updated="2026-11-23T20:04:30Z")


def _unseen(world: Leased) -> None:
    world.scripted.answers["history"] = history(*ROWS, updated="")


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (_moves, "somebody seems to be at work: Deployment apis/gw changed"),
        (_held, "it is held by ann@elsewhere pid 7 (run r-9"),
        (_owned, "Argo CD application shop owns it"),
        (_young, "somebody is at work"),
        (_unseen, "how old it is cannot be told"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_refuses_while_somebody_may_be_at_work(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, happens: Any, words: str
) -> None:
    happens(world)
    before = world.lease
    done = Tried(world, tmp_path, monkeypatch, ("--yes",))
    assert done.code == Exit.BLOCKED
    assert "Not freed: " in done.out
    assert words in done.out
    assert world.scripted.started == []
    assert world.lease == before


def test_it_names_the_run_that_is_to_be_resumed(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs").mkdir()
    journal(tmp_path / "runs", ("upgrade", "begin"))
    done = Tried(world, tmp_path, monkeypatch, ("--yes",))
    assert done.code == Exit.BLOCKED
    assert "  -> helm tyk-upgrade resume 20261123-1" in done.out
    assert world.scripted.started == []


def test_a_release_that_moved_on_meanwhile_is_left_alone(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = history(*ROWS, updated=AN_HOUR_AGO)
    world.scripted.answers["history"] = [seen, history((4, "deployed"), updated=AN_HOUR_AGO)]
    done = Tried(world, tmp_path, monkeypatch, ("--yes",))
    assert done.code == Exit.ERROR
    assert "is at revision 4 (deployed) by now: nothing was changed" in done.err
    assert world.scripted.started == []
    assert world.lease is None


def test_a_helm_that_fails_is_quoted_and_the_lease_is_free_again(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.scripted.will(1, err=b"Error: no such luck")
    done = Tried(world, tmp_path, monkeypatch, ("--yes",))
    assert done.code != Exit.OK
    assert "no such luck" in done.err
    assert world.lease is None


def deployed(world: Leased) -> None:
    world.scripted.answers["history"] = history((4, "deployed"), updated=AN_HOUR_AGO)
    world.scripted.answers["get"] = json.dumps({**METADATA, "status": "deployed"}).encode()


def test_a_healthy_release_without_a_lease_has_nothing_to_free(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(world)
    done = Tried(world, tmp_path, monkeypatch, ())
    assert done.code == Exit.OK
    assert "There is nothing to free." in done.out


def test_a_lease_that_was_left_behind_is_watched_and_freed(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(world)
    world.lease = lease(600)
    done = Tried(world, tmp_path, monkeypatch, ("--yes",))
    assert done.code == Exit.OK
    assert "watching 22 s for a sign of life" in done.err
    assert "The lease of apis/tyk is free" in done.out
    assert world.look() == "None"
    assert world.slept >= 22.5


def test_a_lease_whose_holder_lives_is_left_alone(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(world)
    world.lease = lease(600)
    world.meanwhile = lambda: setattr(world, "lease", lease(600 - world.slept, version=str(world.slept)))
    done = Tried(world, tmp_path, monkeypatch, ("--yes",))
    assert done.code == Exit.BLOCKED
    assert "is held by ann@elsewhere pid 7" in done.err
    assert world.look() == "ann@elsewhere pid 7"


def test_a_release_that_is_not_there_is_an_error(
    world: Leased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.scripted.answers["get"] = NotFound("release apis/tyk does not exist")
    world.scripted.answers["list"] = b"[]"
    assert Tried(world, tmp_path, monkeypatch, ("--yes",)).code == Exit.ERROR
