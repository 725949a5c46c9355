"""The checks of a plan, in the order in which they are shown. A new check is a file here and a line in CHECKS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import cast

from helm_tyk_upgrade.checks import (
    apis_in_emptydir,
    autoscaler,
    availability,
    baseline_unhealthy,
    chart_digest,
    chart_downgrade,
    cluster_record,
    crds_not_upgraded,
    data_loss,
    drift,
    field_conflicts,
    foreign_lock,
    gateway_downgrade,
    gateway_removed,
    gateway_support,
    go_plugins,
    images_present,
    immutable_fields,
    known_bad,
    known_transitions,
    kubernetes_apis,
    moved_objects,
    one_gateway,
    one_way_changes,
    owned_by_gitops,
    permissions,
    release_size,
    release_state,
    server_rejects,
    values_only_in_release,
    way_back,
    workload_stops,
)
from helm_tyk_upgrade.checks.base import Check
from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict

CHECKS: tuple[Check, ...] = cast(
    "tuple[Check, ...]",
    (
        release_state,
        foreign_lock,
        owned_by_gitops,
        baseline_unhealthy,
        permissions,
        cluster_record,
        values_only_in_release,
        gateway_removed,
        one_gateway,
        chart_downgrade,
        gateway_downgrade,
        gateway_support,
        known_bad,
        known_transitions,
        one_way_changes,
        go_plugins,
        apis_in_emptydir,
        data_loss,
        workload_stops,
        immutable_fields,
        server_rejects,
        field_conflicts,
        kubernetes_apis,
        moved_objects,
        crds_not_upgraded,
        drift,
        images_present,
        availability,
        autoscaler,
        chart_digest,
        release_size,
        way_back,
    ),
)


def run_checks(facts: Facts, changes: Changes, policies: Mapping[str, Policy]) -> tuple[Verdict, ...]:
    """Every check's verdict, with the policy that applies to it and its hint where it did not pass."""
    return tuple(_judge(check, facts, changes, policies) for check in CHECKS)


def parse_policies(texts: list[str]) -> dict[str, Policy]:
    """`CHECK=fail|warn|ignore` texts. Raises UsageError for an unknown check or word."""
    known = {check.ID for check in CHECKS}
    policies: dict[str, Policy] = {}
    for text in texts:
        check, _, word = text.partition("=")
        if check not in known:
            raise UsageError(f"--policy {text}: there is no check {check!r}", _nearest(check, known))
        try:
            policies[check] = Policy(word)
        except ValueError as error:
            raise UsageError(f"--policy {text}: {word!r} is no policy", "use fail, warn or ignore") from error
    return policies


def _nearest(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else f"the checks: {', '.join(sorted(known))}"


def _judge(check: Check, facts: Facts, changes: Changes, policies: Mapping[str, Policy]) -> Verdict:
    verdict = check.run(facts, changes)
    # What could not be found out warns: it blocks only where the user asks for that.
    default = Policy.WARN if verdict.status is Status.UNKNOWN else check.DEFAULT
    hint = verdict.hint or (check.HINT if verdict.status in (Status.FAIL, Status.UNKNOWN) else "")
    return replace(verdict, policy=policies.get(check.ID, default), hint=hint)
