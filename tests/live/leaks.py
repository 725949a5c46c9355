"""Whether the secrets of the tests' releases are anywhere but in bundles and values files."""

from __future__ import annotations

from pathlib import Path

from tests.live.harness import Canaries


def leaks(canaries: Canaries, argv_log: Path, folder: Path) -> list[str]:
    """Each place that should not hold a secret, in words. argv_log: the arguments of every Helm that was started;
    folder: every file that tests and program made is below it."""
    argv = [f"the arguments of a Helm, in {argv_log}"] if canaries.found_in(argv_log.read_text()) else []
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != argv_log)
    found = [path for path in files if canaries.found_in(path.read_bytes().decode("utf-8", "replace"))]
    loose = [path for path in found if not _may_hold_secrets(path)]
    kept = [path for path in found if "state" in path.parts or _in_a_bundle(path)]
    readable = [path for path in kept if path.stat().st_mode & 0o077]
    return [*argv, *(f"{path}" for path in loose), *(f"{path}, for everybody to read" for path in readable)]


def _may_hold_secrets(path: Path) -> bool:
    """The tests' own files, copies of values files, and what a bundle is for."""
    return path.name.endswith(("values.yaml", "values.yaml.before", "password")) or (
        _in_a_bundle(path) and path.parent.name in ("release", "gateway", "run")
    )


def _in_a_bundle(path: Path) -> bool:
    """Wherever --bundle-dir put it: its index lies one folder above."""
    return (path.parent.parent / "bundle.json").is_file()
