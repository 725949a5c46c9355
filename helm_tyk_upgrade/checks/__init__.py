"""The checks of a plan, in the order in which they are shown. A new check is a file here and a line in CHECKS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from helm_tyk_upgrade.checks import (
    apis_in_emptydir,
    baseline_unhealthy,
    chart_digest,
    data_loss,
    gateway_downgrade,
    gateway_removed,
    gateway_support,
    immutable_fields,
    known_bad,
    one_gateway,
    owned_by_gitops,
    permissions,
    release_state,
    rollback_revision,
    values_only_in_release,
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
        owned_by_gitops,
        baseline_unhealthy,
        values_only_in_release,
        gateway_removed,
        one_gateway,
        gateway_downgrade,
        gateway_support,
        known_bad,
        apis_in_emptydir,
        data_loss,
        workload_stops,
        immutable_fields,
        permissions,
        chart_digest,
        rollback_revision,
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
            raise UsageError(
                f"--policy {text}: there is no check {check!r}", f"the checks: {', '.join(sorted(known))}"
            )
        try:
            policies[check] = Policy(word)
        except ValueError as error:
            raise UsageError(f"--policy {text}: {word!r} is no policy", "use fail, warn or ignore") from error
    return policies


def _judge(check: Check, facts: Facts, changes: Changes, policies: Mapping[str, Policy]) -> Verdict:
    verdict = check.run(facts, changes)
    # What could not be found out warns: it blocks only where the user asks for that.
    default = Policy.WARN if verdict.status is Status.UNKNOWN else check.DEFAULT
    hint = verdict.hint or (check.HINT if verdict.status in (Status.FAIL, Status.UNKNOWN) else "")
    return replace(verdict, policy=policies.get(check.ID, default), hint=hint)
