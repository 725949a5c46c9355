"""`backup list`, `show`, `restore` and `runs`, as they are typed."""

from __future__ import annotations

import io
import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade import cli
from helm_tyk_upgrade.context import Streams
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.model.outcome import Entry
from helm_tyk_upgrade.store.bundle import INDEX, BundleFile
from helm_tyk_upgrade.store.journal import ENDED, create
from helm_tyk_upgrade.verbs import bundle_restore
from tests.store.test_bundle import write
from tests.store.test_journal import BEGIN, END, header


class Shell:
    """Runs commands on one state folder."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.out = self.err = ""

    def __call__(self, *argv: str, **env: str) -> int:
        streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
        code = cli.main(argv, {"TYK_UPGRADE_STATE_DIR": str(self.state), **env}, streams)
        assert isinstance(streams.stdout, io.StringIO)
        assert isinstance(streams.stderr, io.StringIO)
        self.out, self.err = streams.stdout.getvalue(), streams.stderr.getvalue()
        return code


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def file(tmp_path: Path, shell: Shell) -> Path:
    """A values file that was kept in a bundle and has changed since."""
    path = tmp_path / "values.yaml"
    kept = BundleFile("values/01-values.yaml", b"password: c4n4ry\r\n", str(path), 0o640)
    write(shell.state / "bundles", kept, bundle_id="20261123-1")
    path.write_bytes(b"password: other\n")
    return path


def test_no_bundle_is_an_empty_list(shell: Shell) -> None:
    assert shell("backup", "list", "-o", "json") == Exit.OK
    assert json.loads(shell.out)["items"] == []


@pytest.mark.parametrize(
    "argv", [["backup", "--bundle-dir", "DIR", "list"], ["backup", "list", "--bundle-dir", "DIR"]]
)
def test_the_folder_may_be_given_before_or_after_the_action(
    shell: Shell, tmp_path: Path, argv: list[str]
) -> None:
    write(tmp_path / "elsewhere")
    words = [str(tmp_path / "elsewhere") if word == "DIR" else word for word in argv]
    assert shell(*words, "-o", "json") == Exit.OK
    assert len(json.loads(shell.out)["items"]) == 1


def test_a_damaged_bundle_is_told_beside_the_others(shell: Shell, file: Path) -> None:
    broken = write(shell.state / "bundles", bundle_id="20261122-1")
    (broken.path / INDEX).write_text("{")
    assert shell("backup", "list") == Exit.OK
    assert "20261123-1" in shell.out
    assert "20261122-1/bundle.json is damaged" in shell.err


def test_show_names_the_files_and_not_their_contents(shell: Shell, file: Path) -> None:
    assert shell("backup", "show", "2026") == Exit.OK
    assert "values/01-values.yaml" in shell.out
    assert str(file) in shell.out
    assert "c4n4ry" not in shell.out + shell.err


def test_restore_check_compares_and_writes_nothing(shell: Shell, file: Path) -> None:
    assert shell("backup", "restore", "2026", "--check") == Exit.CHANGES_PENDING
    assert f"{file} differs" in shell.out
    assert file.read_bytes() == b"password: other\n"


def test_restore_without_a_yes_writes_nothing(shell: Shell, file: Path) -> None:
    assert shell("backup", "restore", "2026") == Exit.ERROR
    assert "--yes" in shell.err
    assert file.read_bytes() == b"password: other\n"


def test_the_paths_of_a_bundle_are_not_printed_raw(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An imported bundle may name any path: one with a terminal's escapes must not hide what is overwritten."""
    kept = BundleFile("values/01-values.yaml", b"a: 1\n", str(tmp_path / "v\x1b[2K\rharmless.yaml"))
    write(shell.state / "bundles", kept, bundle_id="20261123-2")
    asked: list[str] = []

    def refuse(context: object, places: str) -> bool:
        asked.append(places)
        return False

    monkeypatch.setattr(bundle_restore, "_confirmed", refuse)
    assert shell("backup", "restore", "2026") == Exit.ERROR
    (places,) = asked
    for text in (places, shell.err):
        assert "harmless.yaml" in text
        assert "\x1b" not in text
        assert "\r" not in text


def test_restore_puts_every_byte_back(shell: Shell, file: Path) -> None:
    assert shell("backup", "restore", "2026", "--yes") == Exit.OK
    assert file.read_bytes() == b"password: c4n4ry\r\n"
    assert shell("backup", "restore", "2026", "--check") == Exit.OK
    file.unlink()
    assert shell("backup", "restore", "2026", "--yes") == Exit.OK
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_what_restore_replaces_is_kept(shell: Shell, file: Path) -> None:
    assert shell("backup", "restore", "2026", "--yes") == Exit.OK
    (kept,) = (path for path in (shell.state / "replaced").rglob("*") if path.is_file())
    assert kept.read_bytes() == b"password: other\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert str(kept) in shell.err


def test_a_file_that_changes_while_it_is_restored_stays(
    shell: Shell, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = bundle_restore._keep

    def edited_meanwhile(*given: Any) -> str:
        file.write_bytes(b"password: newest\n")
        return keep(*given)

    monkeypatch.setattr(bundle_restore, "_keep", edited_meanwhile)
    assert shell("backup", "restore", "2026", "--yes") == Exit.ERROR
    assert "changed since it was read" in shell.err
    assert file.read_bytes() == b"password: newest\n"


def test_restore_to_a_folder_keeps_files_of_one_name_apart(shell: Shell, tmp_path: Path) -> None:
    kept = [
        BundleFile(f"values/0{n}-values.yaml", f"n: {n}\n".encode(), f"/env{n}/values.yaml") for n in (1, 2)
    ]
    write(shell.state / "bundles", *kept)
    target = tmp_path / "new" / "folder"
    assert shell("backup", "restore", "2026", "--to", str(target), "--yes") == Exit.OK
    assert {path.name: path.read_text() for path in target.iterdir()} == {
        "01-values.yaml": "n: 1\n",
        "02-values.yaml": "n: 2\n",
    }


def test_restore_to_a_place_that_cannot_be_is_said(shell: Shell, file: Path) -> None:
    assert shell("backup", "restore", "2026", "--to", "/dev/null/x", "--yes") == Exit.ERROR
    assert "/dev/null/x" in shell.err


def test_a_damaged_bundle_is_not_restored(shell: Shell, file: Path) -> None:
    (kept,) = (shell.state / "bundles").rglob("01-values.yaml")
    kept.write_bytes(b"password: wrong\n")
    assert shell("backup", "restore", "2026", "--yes") == Exit.ERROR
    assert "its digest is not the recorded one" in shell.err
    assert file.read_bytes() == b"password: other\n"


def test_runs_are_listed_and_shown_step_by_step(shell: Shell) -> None:
    journal = create(shell.state / "runs", header())
    journal.append(BEGIN)
    journal.append(END)
    assert shell("runs") == Exit.OK
    assert "tyk-oss-2.2.0 -> tyk-oss-5.3.0" in shell.out
    assert shell("runs", header().run) == Exit.OK
    assert "bundle b" in shell.out
    assert shell("runs", header().run, "-o", "json") == Exit.OK
    assert len(json.loads(shell.out)["run"]["entries"]) == 2


def test_a_run_that_is_not_there_is_said(shell: Shell) -> None:
    assert shell("runs", "../bundles") == Exit.ERROR
    assert "there is no run ../bundles" in shell.err


class TestPrune:
    @pytest.fixture
    def three(self, shell: Shell) -> list[str]:
        """Bundles of revisions 1, 2 and 3; no cluster can be asked for the present one."""
        names = ["20261121-1", "20261122-1", "20261123-1"]
        for number, name in enumerate(names, start=1):
            write(shell.state / "bundles", bundle_id=name, facts={"revision": number})
        return names

    def left(self, shell: Shell) -> list[str]:
        assert shell("backup", "list", "-o", "json") == Exit.OK
        return sorted(item["id"] for item in json.loads(shell.out)["items"])

    def prune(self, shell: Shell, *argv: str) -> int:
        return shell("backup", "prune", *argv, HELM_BIN="/nonexistent/helm")

    def test_without_a_known_revision_one_of_each_stays(self, shell: Shell, three: list[str]) -> None:
        assert self.prune(shell, "--keep", "1", "--yes") == Exit.OK
        assert "the present revision is not known" in shell.out
        assert self.left(shell) == three

    def test_it_names_what_goes_and_asks_first(self, shell: Shell, three: list[str]) -> None:
        write(shell.state / "bundles", bundle_id="20261120-1", facts={"revision": 1})
        assert self.prune(shell, "--keep", "1") == Exit.ERROR
        assert "nothing was removed: 1 bundle would be" in shell.err
        assert len(self.left(shell)) == 4
        assert self.prune(shell, "--keep", "1", "--yes") == Exit.OK
        assert self.left(shell) == three

    @pytest.mark.parametrize(("age", "gone"), [("1000000h", 0), ("30d", 1)])
    def test_only_old_ones_go(self, shell: Shell, three: list[str], age: str, gone: int) -> None:
        write(
            shell.state / "bundles",
            bundle_id="20250101-1",
            time="2025-01-01T00:00:00Z",
            facts={"revision": 1},
        )
        assert self.prune(shell, "--keep", "1", "--older-than", age, "--yes") == Exit.OK
        assert len(self.left(shell)) == 4 - gone

    def test_what_an_unfinished_run_needs_stays(self, shell: Shell, three: list[str]) -> None:
        write(shell.state / "bundles", bundle_id="20261120-1", facts={"revision": 1})
        journal = create(shell.state / "runs", replace(header(), run="20261120-1"))
        journal.append(BEGIN)
        assert self.prune(shell, "--keep", "1", "--yes") == Exit.OK
        assert "an unfinished run needs it" in shell.out
        assert "20261120-1" in self.left(shell)
        journal.append(Entry(2, "", ENDED, "t"))
        assert self.prune(shell, "--keep", "1", "--yes") == Exit.OK
        assert "20261120-1" not in self.left(shell)


class TestDiff:
    def values(self, replicas: int, password: str) -> list[BundleFile]:
        stored = json.dumps({"replicas": replicas, "password": password}).encode()
        service = f"apiVersion: v1\nkind: Service\nmetadata: {{name: gw}}\nspec: {{replicas: {replicas}}}\n"
        text = f"replicas: {replicas}\npassword: {password}\n"
        return [
            BundleFile("values/01-values.yaml", text.encode(), "/home/me/values.yaml"),
            BundleFile("release/values.json", stored),
            BundleFile("release/manifest.yaml", service.encode()),
        ]

    @pytest.fixture
    def two(self, shell: Shell) -> None:
        write(shell.state / "bundles", *self.values(1, "c4n4ry-old"), bundle_id="20261121-1")
        write(shell.state / "bundles", *self.values(2, "c4n4ry-new"), bundle_id="20261122-1")

    def test_two_bundles_differ_in_files_values_and_objects(self, shell: Shell, two: None) -> None:
        assert shell("backup", "diff", "20261121", "20261122") == Exit.OK
        assert "-replicas: 1" in shell.out
        assert "+replicas: 2" in shell.out
        assert "spec.replicas" in shell.out
        assert "unknown: API definitions and policies" in shell.out
        assert "c4n4ry" not in shell.out + shell.err

    def test_the_document_is_masked_too(self, shell: Shell, two: None) -> None:
        code = shell("backup", "diff", "20261121", "20261122", "-o", "json", "--detailed-exitcode")
        assert code == Exit.CHANGES_PENDING
        assert "c4n4ry" not in shell.out
        found = json.loads(shell.out)
        assert found["differs"] is True
        assert len(found["files"]) == 2
        assert found["unknown"]

    def test_the_same_bundle_does_not_differ_but_what_is_not_there_is_not_the_same(
        self, shell: Shell, two: None
    ) -> None:
        assert shell("backup", "diff", "20261121", "20261121") == Exit.OK
        assert shell("backup", "diff", "20261121", "20261121", "--detailed-exitcode") == Exit.INCONCLUSIVE

    def test_bundles_of_two_releases_are_not_compared(self, shell: Shell, two: None) -> None:
        write(shell.state / "bundles", bundle_id="20261123-1", release="other")
        assert shell("backup", "diff", "20261121", "20261123") == Exit.ERROR
        assert "20261123-1 of apis/other" in shell.err


def test_definitions_that_cannot_be_compared_are_unknown(shell: Shell) -> None:
    saved = BundleFile("gateway/inventory.json", b'{"apis": [], "policies": []}')
    write(shell.state / "bundles", saved)
    code = shell("backup", "restore", "2026", "--check", HELM_BIN="/nonexistent/helm")
    assert code == Exit.INCONCLUSIVE
    assert "0 APIs and 0 policies can be read back" in shell.out
    assert "unknown whether the gateway has them now" in shell.out


def test_export_says_that_it_holds_secrets(shell: Shell, file: Path, tmp_path: Path) -> None:
    assert shell("backup", "export", "2026", str(tmp_path / "b.tgz")) == Exit.OK
    assert "It holds secrets" in shell.err
    assert (
        shell("backup", "import", str(tmp_path / "b.tgz"), "--bundle-dir", str(tmp_path / "other")) == Exit.OK
    )
    assert "values/01-values.yaml" in shell.out
