"""The commands that README.md and the pages of docs/ show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path = README) -> list[str]:
    """Each line of a code block without its comment: lines that begin with a program. Blocks with a language are
    output or pipelines."""
    return [line for line in _lines(page, "") if line.startswith(("helm ", "./", "pipx "))]


def plugin_commands(page: Path = README) -> list[list[str]]:
    """The arguments of every `helm tyk-upgrade` line."""
    return [shlex.split(line)[2:] for line in commands(page) if line.startswith("helm tyk-upgrade")]


def pipelines(page: Path = README) -> list[str]:
    """Its blocks of YAML."""
    return [block for language, block in _BLOCK.findall(page.read_text()) if language == "yaml"]


def pipeline_commands(page: Path = README) -> list[list[str]]:
    """The arguments of every `helm tyk-upgrade` line of its pipelines, without what the shell does around it."""
    lines = [line for line in _lines(page, "yaml") if line.startswith("helm tyk-upgrade")]
    return [shlex.split(re.split(r" (?:>|\|\|) ", line)[0])[2:] for line in lines]


def _lines(page: Path, language: str) -> list[str]:
    blocks = [block for given, block in _BLOCK.findall(page.read_text()) if given == language]
    lines = [line for block in blocks for line in block.splitlines()]
    return [re.split(r"\s{2,}#", line)[0].strip() for line in lines]
