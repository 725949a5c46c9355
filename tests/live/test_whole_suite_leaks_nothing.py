"""Comes last of this folder: the secrets of all releases above are nowhere but in bundles and values files."""

from __future__ import annotations

from pathlib import Path

from tests.live.harness import Site


def test_no_secret_was_in_the_arguments_of_helm(steady: Site, argv_log: Path) -> None:
    steady.run("plan", "--set", "global.redis.storage.database=1")
    lines = argv_log.read_text()
    assert "upgrade tyk" in lines
    assert not steady.world.canaries.found_in(lines)


def test_no_secret_is_in_a_file_of_ours_outside_a_bundle(steady: Site) -> None:
    assert steady.run("plan", "--out", "plan.json").code == 0
    folders = [steady.world.folder, steady.folder.parent]
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    known = {"values.yaml", "password"}
    shown = [
        path
        for path in sorted(files)
        if path.name not in known
        and not {"release", "values", "gateway"} & set(path.parts[-3:-1])
        and steady.world.canaries.found_in(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert shown == []
