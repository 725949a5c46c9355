"""The commands that README.md shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Each line of a code block without its comment: lines that begin with a program. Blocks with a language are
    output."""
    blocks = [block for language, block in _BLOCK.findall(README.read_text()) if not language]
    lines = [line for block in blocks for line in block.splitlines()]
    shown = (re.split(r"\s{2,}#", line)[0].strip() for line in lines)
    return [line for line in shown if line.startswith(("helm ", "./", "pipx "))]


def plugin_commands() -> list[list[str]]:
    """The arguments of every `helm tyk-upgrade` line."""
    return [shlex.split(line)[2:] for line in commands() if line.startswith("helm tyk-upgrade")]
