"""Prints completion.yaml, Helm's list of a plugin's commands and flags, from the parsers of the commands.

scripts/check --fix writes the file; a test compares it. Helm itself adds its global flags.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# For `helm completion`; made from the parsers by scripts/check --fix.
# Short flags belong to the long ones at the same place of the order: flags with a short form come first.
"""


def flags_of(parser: argparse.ArgumentParser) -> list[str]:
    """Names without dashes: first each pair of short and long form, then what has only a long form."""
    pairs, longs = [], []
    for action in parser._actions:
        if action.help == argparse.SUPPRESS:
            continue
        names = sorted((name.lstrip("-") for name in action.option_strings), key=len)
        if names and len(names[0]) == 1:
            pairs += names[:2]
        else:
            longs += names
    return pairs + longs


def node(name: str, parser: argparse.ArgumentParser, indent: str) -> Iterator[str]:
    """The lines of one command and of the commands below it."""
    yield f"{indent}- name: {name}"
    yield f"{indent}  flags: {json.dumps(flags_of(parser))}"
    below = next((a for a in parser._actions if isinstance(a, argparse._SubParsersAction)), None)
    if below:
        yield f"{indent}  commands:"
        for child, child_parser in below.choices.items():
            yield from node(child, child_parser, indent + "    ")
        return
    words = [word for a in parser._actions if not a.option_strings and a.choices for word in a.choices]
    if words:
        yield f"{indent}  validArgs: {json.dumps(words)}"


def completion() -> str:
    """The text of completion.yaml. The top has the flags of upgrade, which is what runs without a command."""
    from helm_tyk_upgrade.verbs import VERBS

    parsers = {}
    for verb in VERBS:
        parsers[verb] = argparse.ArgumentParser(prog=verb)
        import_module(f"helm_tyk_upgrade.verbs.{verb}").add_arguments(parsers[verb])
    lines = ["name: tyk-upgrade", f"flags: {json.dumps(flags_of(parsers['upgrade']))}", "commands:"]
    for verb, parser in parsers.items():
        lines += node(verb, parser, "  ")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.stdout.write(completion())
