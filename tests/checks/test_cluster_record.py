"""A run that only this machine can go on with is said before it is agreed to."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.checks import cluster_record
from helm_tyk_upgrade.model.facts import Permission
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.verdict import Status
from tests.checks.build import changes, facts

VERBS = ("get", "list", "create", "update", "delete")


def rights(**changed: Maybe[bool]) -> tuple[Permission, ...]:
    return tuple(Permission(verb, "", "secrets", changed.get(verb, Known(True))) for verb in VERBS)


ELSEWHERE = Permission("create", "", "secrets", Known(False), namespace="other")


@pytest.mark.parametrize(
    ("permissions", "status", "words"),
    [
        ((), Status.NOT_APPLICABLE, "no cluster was asked"),
        (rights(), Status.PASS, "recorded in a Secret in namespace apis"),
        ((*rights(), ELSEWHERE), Status.PASS, "recorded in a Secret"),
        (rights(create=Known(False)), Status.UNKNOWN, "on this machine only: create secrets is not allowed"),
        (rights(delete=Unknown("no answer"), list=Known(False)), Status.UNKNOWN, "only: list secrets"),
        (rights(update=Unknown("no answer")), Status.UNKNOWN, "recorded in the cluster: no answer"),
        (rights()[:1], Status.UNKNOWN, "list secrets was not asked"),
    ],
)
def test_what_is_said_of_the_record(permissions: tuple[Permission, ...], status: Status, words: str) -> None:
    verdict = cluster_record.run(facts(permissions=permissions), changes())
    assert (verdict.status, words in verdict.reason) == (status, True), verdict
