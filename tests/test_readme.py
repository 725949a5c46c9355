"""README.md and the pages of docs/ tell the truth: commands parse, files exist, links lead somewhere."""

from __future__ import annotations

import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest

from helm_tyk_upgrade.applying.machine import BACK, FORWARD
from helm_tyk_upgrade.global_flags import split_globals
from helm_tyk_upgrade.helmyaml import read
from helm_tyk_upgrade.verbs import VERBS
from tests.readme import README, commands, pipeline_commands, pipelines, plugin_commands

PAGES = [README, *sorted((README.parent / "docs").glob("*.md"))]
_SHOWN = {
    " ".join(words): words
    for words in (
        *pipeline_commands(),
        *(words for page in PAGES for words in plugin_commands(page)),
    )
}


@pytest.mark.parametrize("words", _SHOWN.values(), ids=_SHOWN.keys())
def test_each_command_shown_is_understood(words: list[str]) -> None:
    argv = list(split_globals(words, {}).argv)
    verb, rest = (argv[0], argv[1:]) if argv and not argv[0].startswith("-") else ("upgrade", argv)
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
    import_module(f"helm_tyk_upgrade.verbs.{verb}").add_arguments(parser)
    _, not_understood = parser.parse_known_args(rest)
    assert not_understood == []


def test_commands_are_shown() -> None:
    assert len(plugin_commands()) >= 10


def test_the_scripts_shown_exist() -> None:
    scripts = [line.split()[0] for line in commands() if line.startswith("./")]
    assert scripts
    assert [script for script in scripts if not (README.parent / script).is_file()] == []


def test_a_pipeline_is_shown_for_each_of_plan_apply_and_resume() -> None:
    assert len(pipelines()) == 2
    for pipeline in pipelines():
        document = read(pipeline.encode(), 3)
        jobs = document.get("jobs", document)
        assert isinstance(jobs, dict)
        assert {"plan", "apply", "resume"} <= set(jobs)
    assert {words[0] for words in pipeline_commands()} == {"plan", "apply", "runs", "resume"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", page.read_text())
    assert links or page != README
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_each_verb_is_in_the_table_of_commands() -> None:
    table = README.read_text().split("## Commands")[1].split("## Exit codes")[0]
    assert [verb for verb in VERBS if f"`{verb}" not in table] == []


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_the_steps_are_those_of_the_machine(page: str) -> None:
    text = " ".join((README.parent / page).read_text().split())
    assert f"`{' '.join(FORWARD)}`" in text
    assert f"`{' '.join(BACK)}`" in text


def test_each_command_that_a_message_or_page_names_exists() -> None:
    """`helm tyk-upgrade X` in hints and docs."""
    sources = [
        *(README.parent / "helm_tyk_upgrade").rglob("*.py"),
        *(README.parent / "docs").glob("*.md"),
        README,
    ]
    named = {
        (source.name, word)
        for source in sources
        for word in re.findall(r"(?:helm )tyk-upgrade ([a-z]+)", source.read_text())
    }
    assert {item for item in named if item[1] not in VERBS} == set()
