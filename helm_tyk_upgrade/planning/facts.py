"""Answers -> Facts: what was heard, in one record, with what the two manifests say of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from helm_tyk_upgrade.model.facts import Facts
from helm_tyk_upgrade.model.inputs import Request, UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.values import Proposal
from helm_tyk_upgrade.planning.answers import Answers, ServerAnswers

if TYPE_CHECKING:
    from helm_tyk_upgrade.planning.gateway_facts import GatewayFacts


def assemble(
    request: Request,
    only: tuple[str, ...],
    today: str,
    found: Answers,
    refused: tuple[tuple[Proposal, str], ...] = (),
) -> Facts:
    """only: the parts of the plan that were asked for; today: ISO day; refused: accepted edits that cannot be made."""
    target, values, checks = found.target, found.merged, found.checks
    unknown = found.gateway if isinstance(found.gateway, Unknown) else Unknown("")
    known = Facts(
        helm=found.helm,
        release=found.stored.release,
        history=checks.history,
        stored=found.stored,
        catalogued=target.catalogued,
        chart=target.chosen,
        archive=target.archive,
        values=found.values,
        given=found.given,
        old_defaults=values.old_defaults,
        new_defaults=values.new_defaults,
        effective=values.effective,
        rendered=found.rendered,
        gateway_before=unknown,
        gateway=unknown,
        baseline=checks.baseline,
        permissions=checks.permissions,
        owner=checks.owner,
        today=today,
        gateway_support=unknown,
        cluster=checks.cluster,
        lock=checks.lock,
        refused_edits=refused,
        only=only,
    )
    if isinstance(found.gateway, Known):
        known = _with_gateway(known, found.gateway.value)
    return _with_request(_with_server(_with_chart(known, found), checks.found), request)


def _with_gateway(facts: Facts, found: GatewayFacts) -> Facts:
    """What the two manifests say of it."""
    from helm_tyk_upgrade.planning.object_facts import gateways_of

    namespace = facts.release.namespace
    return replace(
        facts,
        gateway_before=found.before,
        gateway=found.target,
        gateway_support=found.support,
        gateway_offer=found.offer,
        known_bad=found.known_bad,
        gateways_before=gateways_of(facts.stored.manifest, namespace),
        gateways_after=gateways_of(facts.rendered.manifest, namespace),
    )


def _with_chart(facts: Facts, found: Answers) -> Facts:
    return replace(
        facts,
        chart_files=found.target.files,
        template_reads=found.merged.template_reads,
        hidden_values=found.hidden,
        rendered_again=found.again,
        renders=found.renders,
    )


def _with_server(facts: Facts, found: ServerAnswers) -> Facts:
    return replace(
        facts,
        server=found.server,
        kubernetes=found.kubernetes,
        plugins=found.plugins,
        transitions=found.transitions,
    )


def with_history_limit(flags: UpgradeFlags, env: Mapping[str, str]) -> UpgradeFlags:
    """HELM_MAX_HISTORY says how many revisions Helm keeps where no flag does; what is no number, Helm does not heed."""
    limit = env.get("HELM_MAX_HISTORY", "")
    if flags.history_max is not None or not limit.isdecimal():
        return flags
    return replace(flags, history_max=int(limit))


def _with_request(facts: Facts, request: Request) -> Facts:
    return replace(
        facts,
        gateway_asked=bool(request.gateway_version),
        restore_apis=request.settings.restore_apis,
        flags=request.flags,
    )
