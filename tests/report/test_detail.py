"""What the overview folds, and what --show unfolds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.change import (
    ABSENT,
    Action,
    ChecksumTrace,
    FieldChange,
    ManifestChanges,
    NewDefault,
    ObjectChange,
    ObjectId,
)
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.verdict import failed, not_applicable, passed, unknown
from helm_tyk_upgrade.report import terminal
from helm_tyk_upgrade.report.detail import Detail, parse_detail
from helm_tyk_upgrade.report.field_lines import checksum_reason
from helm_tyk_upgrade.report.repeats import tell_once
from helm_tyk_upgrade.report.way_back import way_back
from tests.report import records

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def shown(plan: Plan, show: str = "", only: tuple[str, ...] = ()) -> str:
    detail = parse_detail(show) if show else Detail()
    return terminal.plan(plan, records.masker(), detail=detail, only=only)


def workload(number: int, fields: list[FieldChange], kind: str = "Deployment") -> ObjectChange:
    return ObjectChange(ObjectId("apps/v1", kind, "", f"app-{number}"), Action.CHANGED, tuple(fields))


def env(container: str, cause: str = "new template") -> FieldChange:
    path = f"spec.template.spec.containers[{container}].env[TZ]"
    return FieldChange(path, ("spec", "env", 0), ABSENT, {"name": "TZ", "value": "UTC"}, cause)


def of(*changes: ObjectChange) -> Plan:
    return replace(records.plan(), objects=ManifestChanges(changes, 0))


def test_the_same_change_in_twelve_objects_is_said_once() -> None:
    plan = of(*(workload(number, [env(f"c{number}")]) for number in range(12)))
    text = shown(plan, only=("diff",))
    assert "~ in 12 objects" in text
    names = "Deployment app-0, Deployment app-1, Deployment app-2, Deployment app-3, and 8 more"
    assert names in " ".join(text.split())
    assert text.count("{name: TZ, value: UTC}") == 1
    assert "containers[*].env[TZ]" in text
    assert shown(plan, "diff", only=("diff",)).count("{name: TZ, value: UTC}") == 12


def test_another_cause_or_a_secret_is_not_the_same_change() -> None:
    told = tell_once(ManifestChanges((workload(0, [env("a")]), workload(1, [env("a", "your values")])), 0))
    assert told.repeats == ()
    assert (
        tell_once(ManifestChanges(tuple(workload(n, [env("a")], "Secret") for n in (0, 1)), 0)).repeats == ()
    )


def test_beyond_twenty_fields_what_the_user_changed_stays_in_sight() -> None:
    fields = [FieldChange(f"spec.f{number}", ("spec", number), 1, 2, "new template") for number in range(40)]
    fields[35] = replace(fields[35], cause="your values")
    text = shown(of(workload(0, fields)), only=("diff",))
    assert "spec.f19 " in text
    assert "spec.f20 " not in text
    assert "spec.f35 " in text
    assert "... 19 more fields of the new chart: --show objects=Deployment/app-0" in text
    assert "spec.f39 " in shown(of(workload(0, fields)), "objects=deployment/APP-0", only=("diff",))


def test_of_the_objects_not_asked_for_only_the_titles_are_left() -> None:
    text = shown(records.plan(), "objects=Deployment/gateway-prod,objects=Job/none", only=("diff",))
    assert "env[TYK_GW_SECRET].value" in text
    assert "ConfigMap pump" in text
    assert "data.mode" not in text
    names = "Secret/secrets-prod, ConfigMap/pump, Deployment/gateway-prod"
    assert "no such object: job/none" in text
    assert f"there are: {names}" in " ".join(text.split())
    assert "Service gateway-svc" not in text
    still = shown(records.plan(), "objects=Service/gateway-svc", only=("diff",))
    assert "service/gateway-svc does not change" in still
    assert "no such object" not in still


def test_an_object_of_which_everything_is_folded_has_no_title() -> None:
    label = FieldChange("metadata.labels.chart", ("metadata", "labels", "chart"), "a-1", "a-2", cosmetic=True)
    plan = of(workload(0, [label]), workload(1, [env("c")]))
    text = shown(plan, "diff", only=("diff",))
    assert "app-1" in text
    assert "app-0" not in text
    assert "folded: metadata.labels.chart" in text
    assert "app-0" in shown(plan, "diff,cosmetic", only=("diff",))
    assert "metadata.labels.chart" in text


def test_cosmetic_changes_are_one_line_until_asked_for() -> None:
    assert "- tyk-gateway-4.0.0" not in shown(records.plan(), only=("diff",))
    text = shown(records.plan(), "cosmetic", only=("diff",))
    assert "- tyk-gateway-4.0.0" in text
    assert "folded:" not in text


def test_a_long_value_is_cut_with_the_way_to_see_it() -> None:
    new = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n" + "".join(
        f"  key{number}: {'x' * 70}\n" for number in range(30)
    )
    plan = replace(records.plan(), objects=compare("", new))
    assert "more lines: --show objects=ConfigMap/c" in shown(plan, only=("diff",))
    assert "key29" not in shown(plan, only=("diff",))
    assert "key29" in shown(plan, "diff", only=("diff",))


def test_many_new_defaults_are_named_but_not_spelled_out() -> None:
    defaults = tuple(NewDefault(("a", f"k{number}"), ABSENT, f"value-{number}") for number in range(40))
    base = records.plan()
    plan = replace(base, values_changes=replace(base.values_changes, new_defaults=defaults))
    text = shown(plan, only=("values",))
    assert "without you (40)" in text
    assert "a.k7: value-7" in text
    assert "value-8" not in text
    assert "32 more (--show values): a.k8," in text
    assert "value-39" in shown(plan, "values", only=("values",))


def test_passed_checks_are_a_line_and_blocking_ones_stand_at_the_top() -> None:
    text = shown(records.plan())
    assert text.index("What blocks") < text.index("\nValues") < text.index("\nChecks")
    assert "pass (1): cluster-record" in text
    assert "pass     cluster-record" in shown(records.plan(), "checks")


def test_server_answers_that_are_as_they_should_be_are_counted() -> None:
    text = shown(records.plan(), only=("checks",))
    assert "2 objects accepted in a dry-run" in text
    assert "1 record crossed without concerning this release" in text
    whole = shown(records.plan(), "server", only=("checks",))
    assert "Secret secrets-prod is accepted" in whole
    assert "liveness-unit" in whole


def test_what_nobody_could_say_is_said() -> None:
    text = " ".join(shown(records.bare_plan()).split())
    assert "not found out: dry-run, drift, images, images of the way back: the cluster was not asked" in text
    assert "not found out: known trouble: 5.14 is newer than every record" in text
    assert "not found out: Go plugins: the gateway's API did not answer" in text


@pytest.mark.parametrize(
    ("trace", "text"),
    [
        (
            ChecksumTrace(records.DEPLOYMENT, "p", (records.SECRET,), True),
            "a checksum: it changes because Secret secrets-prod changes",
        ),
        (
            ChecksumTrace(records.DEPLOYMENT, "p", (records.SECRET, records.CONFIG), False),
            "a checksum: probably because of Secret secrets-prod, ConfigMap pump, which change with it",
        ),
        (
            ChecksumTrace(records.DEPLOYMENT, "p", (), False),
            "a checksum: what it is made of was not found among the changed objects",
        ),
    ],
)
def test_a_checksum_is_explained_no_surer_than_it_is_known(trace: ChecksumTrace, text: str) -> None:
    assert checksum_reason(trace) == text


@pytest.mark.parametrize(
    ("verdict", "word", "reason"),
    [
        (passed("way-back", "proven: revision 3 is kept"), "proven", "revision 3 is kept"),
        (failed("way-back", "impossible: no revision worked"), "impossible", "no revision worked"),
        (failed("way-back", "at risk: one-way"), "at risk", "one-way"),
        (unknown("way-back", "not proven: no answer"), "not proven", "no answer"),
        (unknown("way-back", "the server: no answer"), "not proven", "the server: no answer"),
        (not_applicable("way-back", "nothing changes"), "not rehearsed", "nothing changes"),
    ],
)
def test_the_way_back_has_the_word_of_its_check(verdict: Any, word: str, reason: str) -> None:
    found = way_back([verdict])
    assert (found.word, found.reason) == (word, reason)


def test_a_plan_without_that_check_claims_nothing() -> None:
    assert way_back(()).word == "not rehearsed"


def test_every_field_of_the_plans_schema_is_described() -> None:
    schema = json.loads((SCHEMAS / "plan.v1.json").read_text())
    bare: list[str] = []

    def look(node: Any, path: str) -> None:
        if isinstance(node, dict):
            properties = node.get("properties")
            for name, each in properties.items() if isinstance(properties, dict) else ():
                known = {"description", "$ref", "const"} & each.keys() if isinstance(each, dict) else True
                if not known and name not in ("value", "unknown"):
                    bare.append(f"{path}.{name}")
            for name, each in node.items():
                look(each, f"{path}/{name}")
        elif isinstance(node, list):
            for each in node:
                look(each, path)

    look(schema, "")
    assert bare == []
