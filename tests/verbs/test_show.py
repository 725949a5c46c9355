"""--show and --only: what they take, what they refuse, and where they do not fit together."""

from __future__ import annotations

import argparse
import io

import pytest

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.report.detail import Detail
from helm_tyk_upgrade.verbs import plan, show, upgrade
from tests.report import records


def parsed(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    plan.add_arguments(parser)
    return parser.parse_args(argv)


def test_words_and_objects_may_be_mixed() -> None:
    args = parsed("--show", "values,objects=Deployment/Gateway,diff", "--only", "diff,values")
    assert args.show == Detail(frozenset(("values", "diff")), frozenset(("deployment/gateway",)))
    assert args.show.picks("Deployment", "gateway")
    assert args.only == ("diff", "values")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--show", "everything"), "values, diff, cosmetic, server, checks, all, objects=KIND/NAME"),
        (("--show", "objects=gateway"), "objects=KIND/NAME"),
        (("--show", ""), "nothing to show"),
        (("--only", "objects"), "values, diff, checks"),
        (("--only", "values,"), "values, diff, checks"),
    ],
)
def test_an_unknown_word_is_refused_with_those_there_are(argv: tuple[str, ...], words: str) -> None:
    with pytest.raises(argparse.ArgumentError, match=words):
        parsed(*argv)


@pytest.mark.parametrize(
    "argv",
    [
        ("--out", "plan.json", "--only", "diff"),
        ("--show", "all", "-o", "json"),
        ("--show", "values", "-o", "markdown"),
    ],
)
def test_flags_that_do_not_fit_are_usage_errors(argv: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        show.check(parsed(*argv))


@pytest.mark.parametrize("argv", [(), ("--out", "p"), ("--show", "all"), ("--only", "diff", "-o", "json")])
def test_others_fit(argv: tuple[str, ...]) -> None:
    show.check(parsed(*argv))


def test_upgrade_shows_a_plan_too_but_never_parts_of_one() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    upgrade.add_arguments(parser)
    assert parser.parse_args(["--show", "all"]).show.whole("checks")
    assert "--only" in parser.parse_known_args(["--only", "diff"])[1]


@pytest.mark.parametrize(
    ("output", "only", "there", "missing"),
    [
        ("text", ("diff",), "Objects", "Versions"),
        ("markdown", ("diff",), "<summary>Objects", "### Plan"),
        ("json", ("diff",), '"rollback"', "###"),
        ("text", (), "Way back", "###"),
    ],
)
def test_each_output_shows_what_was_asked(
    output: str, only: tuple[str, ...], there: str, missing: str
) -> None:
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    show.show_plan(records.plan(), Context({}, streams), output, only=only)
    text = streams.stdout.getvalue()  # type: ignore[attr-defined]
    assert there in text
    assert missing not in text


def test_what_apply_shows_is_the_verdict_and_not_the_whole_plan() -> None:
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    show.show_approved(records.plan(), Context({}, streams))
    text = streams.stdout.getvalue()  # type: ignore[attr-defined]
    assert text.splitlines()[1].startswith("BLOCKED by apis-in-emptydir")
    assert "Objects" not in text
    assert "Values" not in text
