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
    """Bundles, and copies of the user's own values files: for their owner only."""
    assert steady.run("plan", "--out", "plan.json").code == 0
    folders = [steady.world.folder, steady.folder.parent]
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    found = [path for path in sorted(files) if steady.world.canaries.found_in(text(path))]
    assert [path for path in found if not may_hold_secrets(path)] == []
    kept = [path for path in found if "state" in path.parts or in_a_bundle(path)]
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def may_hold_secrets(path: Path) -> bool:
    """The tests' own files, copies of values files, and what a bundle is for."""
    return path.name.endswith(("values.yaml", "values.yaml.before", "password")) or (
        in_a_bundle(path) and path.parent.name in ("release", "gateway")
    )


def in_a_bundle(path: Path) -> bool:
    """Wherever --bundle-dir put it: its index lies one folder above."""
    return (path.parent.parent / "bundle.json").is_file()
