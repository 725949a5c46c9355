"""Each check: what passes, what fails, what is unknown, where the question does not arise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.checks import CHECKS
from helm_tyk_upgrade.model.change import Action, Danger, ObjectChange, WorkloadImpact
from helm_tyk_upgrade.model.chart import ChartArchive
from helm_tyk_upgrade.model.facts import Changes, Facts, GatewayObject, Permission
from helm_tyk_upgrade.model.gateway import Inventory
from helm_tyk_upgrade.model.knowledge import TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.server import DryRunAnswer, ServerTruth
from helm_tyk_upgrade.model.verdict import Status
from tests.checks import build
from tests.checks.build import DEPLOYMENT, RELEASE, baseline, changes, facts, pod, target

PASS, FAIL, UNKNOWN, NOT = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE
NO_ANSWER = Unknown("the API server does not answer")
EMPTY = Known(Inventory())


def allowed(answer: Any, verb: str = "patch") -> Permission:
    return Permission(verb, "apps", "deployments", answer)


def danger(effect: Any) -> Changes:
    found = Danger(DEPLOYMENT, "rule", effect, "spec.selector", "it cannot change", "keep it")
    return changes(dangers=(found,))


def dry_run(accepted: Maybe[bool], hook: str = "") -> Facts:
    return facts(server=ServerTruth(forward=Known((DryRunAnswer(DEPLOYMENT, accepted, hook=hook),))))


def archive(digest: str, *verified: str) -> ChartArchive:
    return ChartArchive("tyk-oss", "5.3.0", "/c/tyk-oss", digest, verified)


GATEWAY = GatewayObject("Deployment", "apis", "gateway-tyk", Known(2))
SECOND = replace(GATEWAY, name="second")


def gateways(before: list[GatewayObject], after: list[GatewayObject]) -> Facts:
    return facts(gateways_before=tuple(before), gateways_after=tuple(after))


def charts(old: str, new: str, name: str = "tyk-oss") -> Facts:
    """A release of chart version `old`, planned to go to `new` of the chart `name`."""
    planned = replace(archive("ab" * 32), name=name, version=new)
    return facts(release=replace(RELEASE, chart_version=old), archive=planned)


OLD_CHART = Known(
    (
        TransitionFinding(
            "chart-not-supported",
            "chart",
            "tells",
            "tyk-oss 3.0.0 is not supported: only the newest release is",
            Known(True),
            (),
            "",
            "the notes",
            check="gateway-support",
        ),
    )
)


def removed() -> Changes:
    return changes(objects=(ObjectChange(DEPLOYMENT, Action.REMOVED, ()),))


def scaled(before: int, after: int) -> Changes:
    moved = WorkloadImpact(DEPLOYMENT, Known(before), Known(after), Known(0))
    return changes(restarts=False, impact=(moved,))


CASES: list[tuple[str, Facts, Changes, Status, str]] = [
    ("release-state", facts(), changes(), PASS, "revision 3 of apis/tyk is deployed"),
    ("release-state", facts(release=replace(RELEASE, status="failed")), changes(), PASS, "is failed"),
    ("release-state", facts(release=replace(RELEASE, status="pending-upgrade")), changes(), FAIL, "killed"),
    ("release-state", facts(release=replace(RELEASE, status="uninstalled")), changes(), FAIL, "uninstalled"),
    ("owned-by-gitops", facts(), changes(), PASS, "no GitOps controller"),
    ("owned-by-gitops", facts(owner=Known("Flux HelmRelease tyk")), changes(), FAIL, "Flux HelmRelease tyk"),
    ("owned-by-gitops", facts(owner=NO_ANSWER), changes(), UNKNOWN, "does not answer"),
    ("baseline-unhealthy", facts(), changes(), PASS, "1 gateway pods are ready"),
    ("baseline-unhealthy", facts(baseline=NO_ANSWER), changes(), UNKNOWN, "does not answer"),
    ("baseline-unhealthy", facts(baseline=baseline(pods=())), changes(), FAIL, "no pod of Deployment"),
    ("baseline-unhealthy", facts(baseline=baseline(pod(), desired=2)), changes(), FAIL, "1 of 2 pods"),
    ("baseline-unhealthy", facts(baseline=baseline(pod(health=Known("fail")))), changes(), FAIL, "1 of 1"),
    ("baseline-unhealthy", facts(baseline=baseline(pod(ready=False))), changes(), FAIL, "not healthy"),
    ("baseline-unhealthy", facts(baseline=baseline(pod(health=Known("warn")))), changes(), UNKNOWN, "warn"),
    ("baseline-unhealthy", facts(baseline=baseline(pod(health=NO_ANSWER))), changes(), UNKNOWN, "gateway-1"),
    ("values-only-in-release", facts(), changes(), PASS, "every value"),
    ("values-only-in-release", facts(), build.lost(("global", "redis", "pass")), FAIL, "1 values"),
    ("gateway-downgrade", facts(), changes(), PASS, "from 5.3.8 to 5.13.1"),
    ("gateway-downgrade", facts(gateway=target(Known("5.3.8"))), changes(), PASS, "stays at 5.3.8"),
    ("gateway-downgrade", facts(gateway=target(Known("5.3.5"))), changes(), FAIL, "from 5.3.8 to 5.3.5"),
    (
        "gateway-downgrade",
        facts(gateway=target(Known("5.3.5")), gateway_asked=True),
        changes(),
        PASS,
        "as --gateway-version asks",
    ),
    ("gateway-downgrade", facts(gateway_before=NO_ANSWER), changes(), UNKNOWN, "does not answer"),
    ("gateway-downgrade", facts(gateway=NO_ANSWER), changes(), UNKNOWN, "does not answer"),
    ("gateway-downgrade", facts(gateway=target(Unknown("a company tag"))), changes(), UNKNOWN, "company tag"),
    ("gateway-support", facts(), changes(), PASS, "LTS"),
    (
        "gateway-support",
        facts(gateway_support=Known("end of life since 2025-10-13")),
        changes(),
        FAIL,
        "2025",
    ),
    ("gateway-support", facts(gateway_support=NO_ANSWER), changes(), UNKNOWN, "does not answer"),
    ("known-bad-target", facts(), changes(), PASS, "no fault"),
    ("known-bad-target", facts(known_bad=("gateway 5.8.3: kills pods",)), changes(), FAIL, "kills pods"),
    ("known-bad-target", facts(gateway=NO_ANSWER), changes(), UNKNOWN, "does not answer"),
    ("known-bad-target", facts(gateway=target(Unknown("a company tag"))), changes(), UNKNOWN, "company tag"),
    ("apis-in-emptydir", facts(), changes(), PASS, "do not live in an emptyDir"),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True)),
        changes(),
        FAIL,
        "1 definition in an",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_policies=True)),
        changes(),
        FAIL,
        "1 definition in an",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True, emptydir_policies=True), restore_apis=True),
        changes(),
        PASS,
        "2 definitions in an emptyDir, to be restored",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(pod(inventory=EMPTY), emptydir_apis=True)),
        changes(),
        PASS,
        "holds no definitions",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(pod(), pod("gateway-2", inventory=NO_ANSWER), emptydir_apis=True)),
        changes(),
        UNKNOWN,
        "does not answer",
    ),
    ("apis-in-emptydir", facts(baseline=NO_ANSWER), changes(), UNKNOWN, "does not answer"),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True)),
        changes(restarts=False),
        NOT,
        "no gateway pod is replaced",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True), gateways_before=(SECOND,), gateways_after=(SECOND,)),
        changes(),
        NOT,
        "no gateway pod is replaced",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True), gateways_before=(SECOND,), gateways_after=(GATEWAY,)),
        changes(),
        FAIL,
        "1 definition in an",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True), gateways_before=(SECOND,), gateways_after=(SECOND,)),
        scaled(2, 1),
        NOT,
        "no gateway pod is replaced",
    ),
    ("data-loss", facts(), changes(), PASS, "no object that holds data"),
    ("data-loss", facts(), danger("data loss"), FAIL, "it cannot change"),
    ("data-loss", facts(), danger("rejected"), PASS, "no object that holds data"),
    ("immutable-fields", facts(), changes(), PASS, "no immutable field"),
    ("immutable-fields", facts(), danger("rejected"), FAIL, "spec.selector"),
    ("immutable-fields", facts(), danger("data loss"), PASS, "no immutable field"),
    ("immutable-fields", dry_run(Known(True)), danger("rejected"), PASS, "the API server takes"),
    ("immutable-fields", dry_run(Known(False)), danger("rejected"), FAIL, "spec.selector"),
    ("immutable-fields", dry_run(NO_ANSWER), danger("rejected"), FAIL, "spec.selector"),
    ("immutable-fields", dry_run(Known(True), hook="test"), danger("rejected"), FAIL, "spec.selector"),
    ("gateway-removed", facts(), changes(), NOT, "has no Tyk gateway"),
    ("gateway-removed", gateways([GATEWAY], [GATEWAY]), changes(), PASS, "stays"),
    (
        "gateway-removed",
        gateways([GATEWAY], []),
        changes(),
        FAIL,
        "Deployment apis/gateway-tyk is not in the new",
    ),
    (
        "gateway-removed",
        gateways([GATEWAY], [SECOND]),
        changes(),
        FAIL,
        "Deployment apis/second would be new",
    ),
    (
        "gateway-removed",
        gateways([GATEWAY], [replace(GATEWAY, kind="StatefulSet")]),
        changes(),
        FAIL,
        "becomes a StatefulSet",
    ),
    (
        "gateway-removed",
        gateways([GATEWAY], [replace(GATEWAY, replicas=Known(0))]),
        changes(),
        FAIL,
        "0 replicas",
    ),
    (
        "gateway-removed",
        gateways([GATEWAY], [replace(GATEWAY, replicas=NO_ANSWER)]),
        changes(),
        PASS,
        "stays",
    ),
    ("one-gateway", facts(), changes(), NOT, "no manifest"),
    ("one-gateway", gateways([GATEWAY], [GATEWAY]), changes(), PASS, "the only gateway"),
    ("one-gateway", gateways([GATEWAY], [GATEWAY, SECOND]), changes(), FAIL, "not Deployment apis/second"),
    ("workload-stops", facts(), changes(), PASS, "no workload"),
    ("workload-stops", facts(), danger("service stops"), FAIL, "it cannot change"),
    ("workload-stops", facts(), danger("replaced"), FAIL, "it cannot change"),
    ("workload-stops", gateways([GATEWAY], [GATEWAY]), danger("replaced"), PASS, "no workload"),
    ("permissions", facts(), changes(), NOT, "no cluster was asked"),
    (
        "permissions",
        facts(permissions=(allowed(Known(True)), Permission("get", "c", "leases", Known(False), "no lock"))),
        changes(),
        UNKNOWN,
        "get leases.c is not allowed: no lock",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True)),
        removed(),
        FAIL,
        "1 definition in an",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True)),
        scaled(2, 0),
        FAIL,
        "1 definition in an",
    ),
    (
        "apis-in-emptydir",
        facts(baseline=baseline(emptydir_apis=True)),
        scaled(2, 1),
        FAIL,
        "1 definition in an",
    ),
    ("apis-in-emptydir", facts(baseline=baseline(emptydir_apis=True)), scaled(1, 2), NOT, "no gateway pod"),
    (
        "apis-in-emptydir",
        replace(gateways([GATEWAY], []), baseline=baseline(emptydir_apis=True), restore_apis=True),
        removed(),
        FAIL,
        "would be lost",
    ),
    (
        "apis-in-emptydir",
        gateways([GATEWAY, replace(SECOND, in_emptydir=True)], [GATEWAY]),
        changes(),
        UNKNOWN,
        "Deployment apis/second",
    ),
    ("permissions", facts(permissions=(allowed(Known(True)),)), changes(), PASS, "1 verbs"),
    (
        "permissions",
        facts(permissions=(allowed(NO_ANSWER), allowed(Known(False), "get"))),
        changes(),
        FAIL,
        "get deployments.apps",
    ),
    (
        "permissions",
        facts(permissions=(allowed(Known(True)), allowed(NO_ANSWER))),
        changes(),
        UNKNOWN,
        "patch deployments.apps: the API server",
    ),
    ("chart-downgrade", facts(), changes(), PASS, "goes from 2.2.0 to 5.3.0"),
    ("chart-downgrade", charts("5.3.0", "5.3.0"), changes(), PASS, "stays at 5.3.0"),
    ("chart-downgrade", charts("4.0.0", "3.0.0"), changes(), FAIL, "goes back from 4.0.0 to 3.0.0"),
    ("chart-downgrade", charts("4.0.0", "4.0.0-rc1"), changes(), FAIL, "goes back"),
    ("chart-downgrade", charts("4.0.0", "latest"), changes(), UNKNOWN, "latest is no version"),
    ("chart-downgrade", charts("4.0.0", "1.0.0", "own"), changes(), NOT, "own is another chart than tyk-oss"),
    ("gateway-support", facts(transitions=OLD_CHART), changes(), FAIL, "only the newest release"),
    (
        "gateway-support",
        facts(transitions=OLD_CHART, gateway_support=Known("end of life since 2025")),
        changes(),
        FAIL,
        "end of life since 2025",
    ),
    (
        "gateway-support",
        facts(transitions=OLD_CHART, gateway_support=NO_ANSWER),
        changes(),
        FAIL,
        "only the newest release",
    ),
    ("chart-digest", facts(), changes(), PASS, "Artifact Hub"),
    ("chart-digest", facts(archive=archive("ab" * 32)), changes(), UNKNOWN, "no catalogue publishes"),
    ("chart-digest", facts(archive=archive("")), changes(), NOT, "a local folder"),
]


@pytest.mark.parametrize(
    ("check", "known", "found", "status", "words"),
    CASES,
    ids=[f"{check}-{status.value}-{number}" for number, (check, _, _, status, _) in enumerate(CASES)],
)
def test_a_check_answers(check: str, known: Facts, found: Changes, status: Status, words: str) -> None:
    (module,) = (each for each in CHECKS if check == each.ID)
    verdict = module.run(known, found)
    assert (verdict.check, verdict.status) == (check, status)
    assert words in verdict.reason


def test_every_check_has_a_pass_and_a_fail_in_the_table_or_a_file_of_its_own() -> None:
    seen = {(check, status) for check, _, _, status, _ in CASES}
    without_fail = {"chart-digest"}  # a wrong digest ends the command before there is a plan
    for check in CHECKS:
        module = str(vars(check)["__name__"]).rpartition(".")[2]
        if Path(__file__).with_name(f"test_{module}.py").is_file():
            continue
        assert (check.ID, PASS) in seen, check.ID
        assert (check.ID, FAIL) in seen or check.ID in without_fail, check.ID


def test_evidence_names_each_lost_definition() -> None:
    (module,) = (each for each in CHECKS if each.ID == "apis-in-emptydir")
    verdict = module.run(facts(baseline=baseline(emptydir_apis=True, emptydir_policies=True)), changes())
    assert verdict.evidence == ("API a1 orders", "policy p1 gold")


def test_the_support_check_offers_the_better_version() -> None:
    (module,) = (each for each in CHECKS if each.ID == "gateway-support")
    ended = facts(gateway_support=Known("end of life since 2025-10-13"), gateway_offer="5.13.1")
    assert module.run(ended, changes()).hint == "--gateway-version 5.13.1 (the newest LTS patch)"
