"""The views against golden files, and what must hold for each of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jsonschema
import pytest

from helm_tyk_upgrade.model.change import Danger, ManifestChanges
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import Ending, StepResult, StepStatus
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.verdict import Status
from helm_tyk_upgrade.report import json_v1, markdown, markup, terminal
from helm_tyk_upgrade.report.fitting import LIMIT
from helm_tyk_upgrade.report.page import Page, wants_colour
from helm_tyk_upgrade.report.way_back import WORDS
from tests.report import records

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "report"
SCHEMAS = ROOT / "docs" / "schemas"

VIEWS = {
    "plan/terminal.txt": lambda: terminal.plan(records.plan(), records.masker()),
    "plan/colour.txt": lambda: terminal.plan(records.plan(), records.masker(), colour=True),
    "plan/plan.md": lambda: markdown.plan_markdown(records.plan(), records.masker()),
    "plan/plan.json": lambda: json_v1.plan_json(records.plan(), records.masker()),
    "outcome/terminal.txt": lambda: terminal.outcome(records.outcome(), records.masker()),
    "outcome/outcome.md": lambda: markdown.outcome_markdown(records.outcome(), records.masker()),
    "outcome/outcome.json": lambda: json_v1.outcome_json(records.outcome(), records.masker()),
}


@pytest.mark.parametrize("name", VIEWS)
def test_view_is_as_recorded(name: str) -> None:
    """A file that is not there is written and the test fails: look at it, then run again."""
    path, text = GOLDEN / name, VIEWS[name]()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        pytest.fail(f"{path} was not there and is written now")
    assert text == path.read_text()


def test_the_blast_radius_comes_first_and_the_rollback_default_last() -> None:
    lines = terminal.plan(records.plan(), records.masker()).splitlines()
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert headings[:4] == [
        "Plan for tyk/prod: tyk-oss 4.0.0 -> tyk-oss 5.3.0",
        "BLOCKED by apis-in-emptydir, 2 warnings, 1 unknown",
        "What it touches",
        "Versions",
    ]
    assert " ".join(lines[-2:]).endswith("proven again (--no-rollback turns this off).")
    assert "revision 7" in lines[-2]


def test_no_rollback_is_said_as_well() -> None:
    plan = replace(records.plan(), settings=replace(records.plan().settings, rollback=False))
    assert terminal.plan(plan, records.masker()).rstrip().endswith("--no-rollback is set.")


def test_without_colour_there_is_no_escape_and_with_it_the_same_text() -> None:
    plain = terminal.plan(records.plan(), records.masker())
    coloured = terminal.plan(records.plan(), records.masker(), colour=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_unknown_is_never_green() -> None:
    coloured = terminal.plan(records.plan(), records.masker(), colour=True)
    green = re.findall(r"\x1b\[32m(.*?)\x1b\[0m", coloured)
    assert any("pass" in text for text in green)
    assert not any("unknown" in text for text in green)


def test_sentences_stay_within_80_columns() -> None:
    long = [
        line
        for line in terminal.plan(records.plan(), records.masker()).splitlines()
        if len(line) > 80
        and " " in line.strip()
        and not line.strip().startswith(("spec.", "-", "+", "docker run"))
    ]
    assert long == []


@pytest.mark.parametrize(
    ("only", "there", "missing"),
    [
        (("values",), "Values", "Objects"),
        (("diff",), "Objects", "Checks"),
        (("checks",), "Checks", "Values"),
    ],
)
def test_parts_of_a_plan(only: tuple[str, ...], there: str, missing: str) -> None:
    lines = terminal.plan(records.plan(), records.masker(), only=only).splitlines()
    assert there in lines
    assert missing not in lines


def test_a_plan_with_nothing_to_do_says_so() -> None:
    plan = records.plan()
    empty = replace(
        plan,
        release=replace(plan.release, chart_version="5.3.0"),
        objects=ManifestChanges((), 4),
        values_changes=replace(plan.values_changes, yours=(), edited_files=()),
        server=replace(plan.server, drift=Known(())),
    )
    assert "Nothing to do" in terminal.plan(empty, records.masker())
    assert json.loads(json_v1.plan_json(empty, records.masker()))["nothingToDo"] is True


def test_an_unknown_gateway_is_shown_with_its_reason() -> None:
    plan = replace(records.plan(), gateway=Unknown("the tag company-7 is no Tyk version"))
    for text in (
        terminal.plan(plan, records.masker()),
        markdown.plan_markdown(plan, records.masker()),
        json_v1.plan_json(plan, records.masker()),
    ):
        assert "company-7 is no Tyk version" in " ".join(text.split())


@pytest.mark.parametrize("ending", list(Ending))
def test_every_ending_has_a_view(ending: Ending) -> None:
    outcome = replace(records.outcome(), ending=ending)
    for text in (
        terminal.outcome(outcome, records.masker(), colour=True),
        markdown.outcome_markdown(outcome, records.masker()),
        json_v1.outcome_json(outcome, records.masker()),
    ):
        assert ending.value.split(",")[0] in text


def test_a_step_without_end_is_shown() -> None:
    assert "soak: begun, not ended" in terminal.outcome(records.outcome(), records.masker())
    assert json.loads(json_v1.outcome_json(records.outcome(), records.masker()))["unfinished"] == ["soak"]


def test_verdicts_show_failing_first_with_evidence_and_hint() -> None:
    text = terminal.verdicts("Proof of tyk/prod", records.VERDICTS, records.masker())
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == "Proof of tyk/prod"
    assert lines[1].startswith("FAIL")
    assert "gateway-prod-1: orders, carts" in lines
    assert "-> --restore-apis posts them again" in lines
    order = [line.split()[0] for line in lines[1:] if line.split()[0] in ("FAIL", "unknown", "pass", "n/a")]
    assert order == ["FAIL", "FAIL", "FAIL", "unknown", "pass", "n/a"]


# JSON


def strict(schema: Any) -> Any:
    """The schema with no room for keys it does not describe."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: strict(value) for key, value in schema.items()}
    if "properties" in found and isinstance(found["properties"], dict) and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


def validate(text: str, name: str) -> Any:
    schema = json.loads((SCHEMAS / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(text)
    jsonschema.validate(document, strict(schema), jsonschema.Draft202012Validator)
    return document


def test_a_plan_is_as_its_schema_says() -> None:
    found = validate(json_v1.plan_json(records.plan(), records.masker()), "plan.v1.json")
    assert (found["apiVersion"], found["kind"]) == ("tyk-upgrade/v1", "Plan")
    assert found["blockedBy"] == ["apis-in-emptydir"]
    assert found["rollback"]["wayBack"] == "at risk"
    assert found["manifest"]["checksums"][0]["causes"][0]["name"] == "secrets-prod"
    assert [each["rule"] for each in found["manifest"]["dangers"]] == ["removed-object"]


def test_a_plan_of_parts_says_so() -> None:
    plan = replace(records.bare_plan(), only=("diff",))
    assert validate(json_v1.plan_json(plan, records.masker()), "plan.v1.json")["only"] == ["diff"]


def test_the_schema_knows_every_effect_and_word() -> None:
    schema = json.loads((SCHEMAS / "plan.v1.json").read_text())["properties"]
    effects = schema["manifest"]["properties"]["dangers"]["items"]["properties"]["effect"]["enum"]
    assert effects == list(get_args(get_type_hints(Danger)["effect"]))
    assert sorted(schema["rollback"]["properties"]["wayBack"]["enum"]) == sorted(WORDS)


def unknown_plan() -> Plan:
    missing = Unknown("could not be asked")
    return replace(records.bare_plan(), gateway=missing, gateway_before=missing)


def test_a_plan_with_unknowns_is_as_its_schema_says() -> None:
    found = validate(json_v1.plan_json(unknown_plan(), records.masker()), "plan.v1.json")
    assert found["gateway"] == {
        "before": {"unknown": "could not be asked"},
        "after": {"unknown": "could not be asked"},
    }


def test_an_outcome_is_as_its_schema_says() -> None:
    found = validate(json_v1.outcome_json(records.outcome(), records.masker()), "outcome.v1.json")
    assert found["exitCode"] == 4
    assert [step["step"] for step in found["steps"]] == ["upgrade", "prove"]


def test_verdicts_are_as_their_schema_says() -> None:
    found = validate(json_v1.verdicts_json("Doctor", records.VERDICTS, records.masker()), "doctor.v1.json")
    assert {each["status"] for each in found["checks"]} == {status.value for status in Status}


def test_a_verification_is_as_its_schema_says() -> None:
    release, proof = records.plan().release, records.outcome().proof
    result = StepResult(StepStatus.FAILED, "1 of 3 pods failed")
    found = validate(
        json_v1.verification_json(release, proof, result, records.masker()), "verification.v1.json"
    )
    assert (found["status"], [pod["pod"][-1] for pod in found["proof"]]) == ("failed", ["1", "2", "3"])


def test_the_schema_knows_every_ending() -> None:
    schema = json.loads((SCHEMAS / "outcome.v1.json").read_text())
    assert schema["properties"]["ending"]["enum"] == [ending.value for ending in Ending]


def test_null_is_a_value_and_absence_is_none() -> None:
    found = json.loads(json_v1.plan_json(records.plan(), records.masker()))
    added = next(each for each in found["values"]["newDefaults"] if each["path"].endswith("xffDepth"))
    assert "old" not in added
    assert added["new"] == 1


# Markdown


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a | b", "a \\| b"),
        ("`rm`", "\\`rm\\`"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("line\nbreak", "line break"),
        ("@octocat", "@&#8203;octocat"),
        ("fixes #12", "fixes #&#8203;12"),
        ("http://evil", "http:&#8203;//evil"),
        ("www.evil", "www&#8203;.evil"),
        ("[x](y)", "\\[x\\](y)"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("--restore-apis", "--restore-apis"),
        ("5.13.1", "5.13.1"),
    ],
)
def test_markdown_escapes(text: str, safe: str) -> None:
    assert markup.escaped(text) == safe


@pytest.mark.parametrize(
    ("text", "code"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("a|b", "`a\\|b`"), ("", "")],
)
def test_inline_code_holds_any_text(text: str, code: str) -> None:
    assert markup.code(text) == code


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert markup.fenced(["````"]).startswith("`````diff\n")


def test_a_comment_fits_and_says_what_was_left_out() -> None:
    plan = records.plan()
    big = plan.objects.objects * 400
    text = markdown.plan_markdown(replace(plan, objects=replace(plan.objects, objects=big)), records.masker())
    assert len(text) <= LIMIT
    assert "left out, too long for a comment: `helm tyk-upgrade plan --show diff` shows all" in text
    assert text.rstrip().endswith("turns this off).")
    assert text.count("<details>") == text.count("</details>")


# The page


@pytest.mark.parametrize(
    ("terminal_there", "environment", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_only_where_it_is_wanted(
    terminal_there: bool, environment: dict[str, str], colour: bool
) -> None:
    assert wants_colour(terminal_there, environment) is colour


def test_a_page_wraps_and_hangs() -> None:
    page = Page(30)
    page.text("one two three four five six seven", lead="* ")
    assert page.render(False) == "  * one two three four five\n    six seven\n"
