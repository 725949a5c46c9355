"""Writing and restoring values files: real files, somebody else's changes, crashes in between."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.steps import restore_values, write_values
from helm_tyk_upgrade.errors import NotFound
from helm_tyk_upgrade.model.intent import WayBack
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.outcome import Entry, StepResult, StepStatus
from helm_tyk_upgrade.store.journal import RESUMED
from tests.applying.build import Scene, edited, editing, scene

BEFORE, AFTER = b"tag: v5.3.8  # pinned\r\n", b"tag: v5.13.1  # pinned\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "values.yaml"
    path.write_bytes(BEFORE)
    path.chmod(0o640)
    return path


@pytest.fixture
def here(tmp_path: Path, file: Path) -> Scene:
    return scene(tmp_path, intent=editing(edited(file, AFTER)))


def write(here: Scene) -> StepResult:
    return write_values.do(here.run)


def restore(here: Scene) -> StepResult:
    return restore_values.do(here.run)


def test_the_planned_bytes_are_written_and_put_back(here: Scene, file: Path) -> None:
    assert write(here).status is StepStatus.DONE
    assert file.read_bytes() == AFTER
    assert restore(here).status is StepStatus.DONE
    assert file.read_bytes() == BEFORE
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_symlink_stays_a_symlink(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    here = scene(tmp_path, intent=editing(edited(link, AFTER)))
    write(here)
    assert link.is_symlink()
    assert file.read_bytes() == AFTER
    restore(here)
    assert link.is_symlink()
    assert file.read_bytes() == BEFORE


@pytest.mark.parametrize("step", [write, restore])
def test_a_step_that_was_cut_off_may_be_done_again(here: Scene, file: Path, step: object) -> None:
    write(here)
    if step is restore:
        restore(here)
    assert callable(step)
    assert step(here).status is StepStatus.DONE
    assert file.read_bytes() == (AFTER if step is write else BEFORE)


def test_a_file_that_changed_since_the_plan_is_not_touched(here: Scene, file: Path) -> None:
    file.write_bytes(b"tag: v5.9.1\n")
    result = write(here)
    assert result.status is StepStatus.FAILED
    assert "changed since the plan was made" in result.reason
    assert file.read_bytes() == b"tag: v5.9.1\n"


def test_a_file_that_is_only_read_must_not_move_either(tmp_path: Path, file: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("a: 1\n")
    kept, _ = edited(other, b"")
    planned, edit = edited(file, AFTER)
    intent = editing((planned, edit))
    from dataclasses import replace

    here = scene(tmp_path, intent=replace(intent, values=replace(intent.values, files=(kept, planned))))
    other.write_text("a: 2\n")
    assert write(here).status is StepStatus.FAILED
    assert file.read_bytes() == BEFORE


def test_what_somebody_else_wrote_meanwhile_stays(here: Scene, file: Path) -> None:
    write(here)
    file.write_bytes(b"tag: theirs\n")
    result = restore(here)
    assert result.status is StepStatus.FAILED
    assert "by somebody else" in result.reason
    assert file.read_bytes() == b"tag: theirs\n"


def test_of_two_files_the_one_that_is_ours_is_put_back(tmp_path: Path, file: Path) -> None:
    second = tmp_path / "second.yaml"
    second.write_bytes(b"b: 1\n")
    here = scene(tmp_path, intent=editing(edited(file, AFTER), edited(second, b"b: 2\n")))
    write(here)
    second.write_bytes(b"b: theirs\n")
    assert restore(here).status is StepStatus.FAILED
    assert file.read_bytes() == BEFORE
    assert second.read_bytes() == b"b: theirs\n"


def test_a_file_that_is_gone_keeps_no_other_from_being_put_back(tmp_path: Path, file: Path) -> None:
    second = tmp_path / "second.yaml"
    second.write_bytes(b"b: 1\n")
    here = scene(tmp_path, intent=editing(edited(file, AFTER), edited(second, b"b: 2\n")))
    write(here)
    file.unlink()
    result = restore(here)
    assert result.status is StepStatus.FAILED
    assert f"values file {file} does not exist; the old bytes are in the bundle" in result.reason
    assert second.read_bytes() == b"b: 1\n"
    assert not file.exists()


class TestAfterARefusedWrite:
    """The file changed while the question was open, so this run never wrote it."""

    def refuse(self, here: Scene, times: int = 1) -> None:
        for number in range(times):
            here.run.journal.append(Entry(number, "write_values", "begin", "t"))
        result = write(here)
        assert result.status is StepStatus.FAILED
        here.run.journal.append(Entry(9, "write_values", "end", "t", result))

    def test_what_somebody_else_wrote_is_no_failure(self, here: Scene, file: Path) -> None:
        file.write_bytes(b"tag: theirs\n")
        self.refuse(here)
        result = restore(here)
        assert (result.status, f"before this run wrote it: {file}" in result.reason) == (
            StepStatus.DONE,
            True,
        )
        assert file.read_bytes() == b"tag: theirs\n"

    def test_a_file_that_was_deleted_is_no_failure(self, here: Scene, file: Path) -> None:
        here.run.journal.append(Entry(1, "write_values", "begin", "t"))
        file.unlink()
        here.run.journal.append(Entry(2, "write_values", "end", "t", StepResult(StepStatus.FAILED, "gone")))
        assert restore(here).status is StepStatus.DONE

    def test_a_step_that_was_cut_off_may_have_written_it(self, here: Scene, file: Path) -> None:
        write(here)
        file.write_bytes(AFTER + b"theirs: 1\n")
        self.refuse(here, times=2)
        assert restore(here).status is StepStatus.FAILED


def test_after_a_write_that_failed_half_way_the_first_file_is_put_back(tmp_path: Path, file: Path) -> None:
    second = tmp_path / "second.yaml"
    second.write_bytes(b"b: 1\n")
    here = scene(tmp_path, intent=editing(edited(file, AFTER), edited(second, b"b: 2\n")))
    file.write_bytes(AFTER)  # killed between the two
    assert restore(here).status is StepStatus.DONE
    assert (file.read_bytes(), second.read_bytes()) == (BEFORE, b"b: 1\n")


def test_the_bytes_that_are_replaced_are_kept(tmp_path: Path, file: Path) -> None:
    _, edit = edited(file, AFTER)
    file.write_bytes(AFTER)
    here = scene(tmp_path, back=True, way_back=WayBack(3, (edit,), Known("5.3.8")))
    result = restore(here)
    kept = here.run.journal.folder / "replaced" / "01-values.yaml"
    assert kept.read_bytes() == AFTER
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert str(kept.parent) in result.reason


def test_a_plan_without_edits_writes_nothing(tmp_path: Path, file: Path) -> None:
    here = scene(tmp_path)
    assert write(here).status is StepStatus.SKIPPED
    assert restore(here).status is StepStatus.SKIPPED
    assert file.read_bytes() == BEFORE


class TestOnAnotherMachine:
    """A run that was begun elsewhere: what is not in the present folder is neither read nor written."""

    @pytest.fixture
    def moved(self, here: Scene) -> Scene:
        result = StepResult(StepStatus.DONE, "gone on with on another machine")
        here.run.journal.append(Entry(1, "", RESUMED, "t", result))
        return here

    def test_a_file_in_the_folder_is_written_and_put_back(
        self, moved: Scene, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(file.parent)
        assert write(moved).status is StepStatus.DONE
        assert file.read_bytes() == AFTER
        assert restore(moved).status is StepStatus.DONE
        assert file.read_bytes() == BEFORE

    @pytest.mark.parametrize("is_there", [True, False])
    def test_a_file_elsewhere_is_left_and_its_new_bytes_are_kept(
        self, moved: Scene, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
    ) -> None:
        work = tmp_path / "work"
        work.mkdir()
        monkeypatch.chdir(work)
        if not is_there:
            file.unlink()
        result = write(moved)
        assert (result.status, str(file) in result.reason) == (StepStatus.SKIPPED, True)
        (kept,) = (moved.run.journal.folder / "to-write").iterdir()
        assert (kept.read_bytes(), stat.S_IMODE(kept.stat().st_mode)) == (AFTER, 0o600)
        assert file.exists() == is_there
        assert not is_there or file.read_bytes() == BEFORE

    def test_putting_back_what_is_elsewhere_is_not_known_to_be_done(
        self, moved: Scene, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file.unlink()
        monkeypatch.chdir(tmp_path)
        result = restore(moved)
        assert result.status is StepStatus.UNKNOWN
        assert f"not on this machine: {file}; `backup restore {moved.run.id}`" in result.reason


def test_a_missing_file_of_this_machine_is_no_other_machines(here: Scene, file: Path) -> None:
    file.unlink()
    with pytest.raises(NotFound):
        write(here)
