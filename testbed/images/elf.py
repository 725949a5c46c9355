"""Which files a program needs to run: its dynamic loader and shared libraries."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

LIBRARY_FOLDERS = ("lib", "usr/lib")


def interpreter(program: Path) -> str | None:
    """The dynamic loader that a 64-bit little-endian ELF file names (PT_INTERP), None for a static one.

    Raises ValueError for any other kind of file.
    """
    data = program.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError(f"{program} is no 64-bit little-endian ELF program")
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for start in range(table, table + size * count, size):
        (kind,) = struct.unpack_from("<I", data, start)
        if kind == 3:  # PT_INTERP
            (offset,) = struct.unpack_from("<Q", data, start + 8)
            (length,) = struct.unpack_from("<Q", data, start + 32)
            return data[offset : offset + length].rstrip(b"\0").decode()
    return None


def shared_files(program: Path, root: Path) -> dict[str, Path]:
    """Path in the image -> file under `root`, for all that a program loads; empty for a static one.

    Libraries go to /usr/lib, where the loader looks without a cache; the loader itself goes where
    the program expects it. Raises ValueError when a library is missing.
    """
    loader = interpreter(program)
    if loader is None:
        return {}
    loader_file = resolve(root, loader)
    folders = ":".join(str(folder) for folder in _library_folders(root))
    listed = subprocess.run(
        [str(loader_file), "--library-path", folders, "--list", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        raise ValueError(f"{program}: {(listed.stderr or listed.stdout).strip()}")
    found = {loader: loader_file}
    for line in listed.stdout.splitlines():
        name, arrow, rest = line.partition(" => ")
        if arrow and "not found" in rest:
            raise ValueError(f"{program} needs {name.strip()}, which is not installed")
        if arrow and name.strip() != loader:
            found[f"/usr/lib/{name.strip()}"] = Path(rest.rsplit(" (", 1)[0])
    return found


def resolve(root: Path, path: str) -> Path:
    """The file that `path` means inside `root`: absolute links start at `root`, not at this machine's /."""
    current = root
    for part in Path(path).parts[1:]:
        current = current / part
        for _ in range(40):  # the kernel's own limit
            if not current.is_symlink():
                break
            target = current.readlink()
            current = resolve(root, str(target)) if target.is_absolute() else current.parent / target
    return current


def _library_folders(root: Path) -> list[Path]:
    """lib and usr/lib of a root, and their folders by architecture (Debian's multiarch)."""
    folders: list[Path] = []
    for name in LIBRARY_FOLDERS:
        folder = root / name
        if folder.is_dir():
            folders += [folder, *sorted(item for item in folder.glob("*-linux-*") if item.is_dir())]
    return folders
