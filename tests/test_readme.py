"""README.md tells the truth: its commands parse, its files exist, its links lead somewhere."""

from __future__ import annotations

import argparse
import re
from importlib import import_module

import pytest

from helm_tyk_upgrade.global_flags import split_globals
from helm_tyk_upgrade.verbs import VERBS
from tests.readme import README, commands, plugin_commands


@pytest.mark.parametrize("words", plugin_commands(), ids=" ".join)
def test_each_command_shown_is_understood(words: list[str]) -> None:
    argv = list(split_globals(words, {}).argv)
    verb, rest = (argv[0], argv[1:]) if argv and not argv[0].startswith("-") else ("upgrade", argv)
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
    import_module(f"helm_tyk_upgrade.verbs.{verb}").add_arguments(parser)
    assert parser.parse_args(rest) is not None


def test_the_scripts_shown_exist() -> None:
    scripts = [line.split()[0] for line in commands() if line.startswith("./")]
    assert scripts
    assert [script for script in scripts if not (README.parent / script).is_file()] == []


def test_each_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", README.read_text())
    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []


def test_each_verb_is_in_the_table_of_commands() -> None:
    table = README.read_text().split("## Commands")[1].split("## Exit codes")[0]
    assert [verb for verb in VERBS if f"`{verb}" not in table] == []
