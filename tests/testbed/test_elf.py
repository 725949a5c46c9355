"""What a program loads is found without running it, inside a root that is not this machine's."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from testbed.images.elf import interpreter, resolve, shared_files

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ELF programs are Linux'")


def elf(*headers: tuple[int, bytes]) -> bytes:
    """A 64-bit ELF file with these program headers (type, content) and nothing else."""
    table, data = b"", b""
    start = 64 + 56 * len(headers)
    for kind, content in headers:
        table += struct.pack("<IIQQQQQQ", kind, 0, start + len(data), 0, 0, len(content), 0, 0)
        data += content
    head = b"\x7fELF\x02\x01" + bytes(26) + struct.pack("<Q", 64) + bytes(14)
    return head + struct.pack("<HHHHH", 56, len(headers), 0, 0, 0) + table + data


def test_interpreter_is_read_from_its_program_header(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(elf((1, b"code"), (3, b"/lib64/ld.so\0")))
    assert interpreter(program) == "/lib64/ld.so"


def test_static_program_has_no_interpreter_and_needs_nothing(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(elf((1, b"code")))
    assert interpreter(program) is None
    assert shared_files(program, tmp_path) == {}


@pytest.mark.parametrize(
    "data", [b"", b"#!/bin/sh\n", b"\x7fELF\x01\x01" + bytes(60), b"\x7fELF\x02\x02" + bytes(60)]
)
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    program = tmp_path / "program"
    program.write_bytes(data)
    with pytest.raises(ValueError, match="no 64-bit little-endian ELF"):
        interpreter(program)


@LINUX
def test_a_real_program_needs_its_loader_and_libc() -> None:
    needed = shared_files(Path("/bin/ls").resolve(), Path("/"))
    assert interpreter(Path("/bin/ls")) in needed
    assert any(Path(path).name.startswith("libc.") for path in needed)
    assert all(file.is_file() for file in needed.values())
    assert not any("vdso" in path for path in needed)


def test_absolute_links_stay_inside_the_root(tmp_path: Path) -> None:
    (tmp_path / "usr" / "lib").mkdir(parents=True)
    (tmp_path / "usr" / "lib" / "ld-1.so").write_text("loader")
    (tmp_path / "lib").symlink_to("/usr/lib")
    (tmp_path / "usr" / "lib" / "ld.so").symlink_to("ld-1.so")
    assert resolve(tmp_path, "/lib/ld.so").read_text() == "loader"
    assert resolve(tmp_path, "/lib/ld.so").is_relative_to(tmp_path)
