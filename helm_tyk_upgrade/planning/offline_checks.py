"""What the checks are told where no cluster was asked, and what they may say then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from helm_tyk_upgrade.checks import (
    parse_policies,
    permissions,
    release_state,
    values_only_in_release,
    way_back,
)
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.helm.offline import NO_CLUSTER
from helm_tyk_upgrade.manifests.crds import chart_crds
from helm_tyk_upgrade.manifests.kubernetes_findings import kubernetes_findings
from helm_tyk_upgrade.manifests.release_record import record_bytes
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.inputs import Capabilities, Request
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.kubernetes import KubernetesFindings
from helm_tyk_upgrade.model.server import LiveNeighbours, ServerTruth
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict
from helm_tyk_upgrade.planning.answers import Answers, ServerAnswers, unasked_checks
from helm_tyk_upgrade.planning.gateway_facts import GatewayFacts, gateway_facts
from helm_tyk_upgrade.planning.object_facts import gateways_of
from helm_tyk_upgrade.planning.transition_facts import known_transitions
from helm_tyk_upgrade.targets.plugins import Move, plugins
from helm_tyk_upgrade.targets.server_truth import is_server_side

_NO = Unknown(NO_CLUSTER)
_OF_THE_RELEASE = (release_state.ID, permissions.ID, way_back.ID)
"""Checks of what only the release itself tells."""
_LATER = "make the plan again where the cluster can be reached"


def with_checks(context: Context, request: Request, capabilities: Capabilities, found: Answers) -> Answers:
    """The answers with what manifests, charts and records say; all else is unknown. context: one whose cluster raises
    ClusterError."""
    today = f"{context.clock.now():%Y-%m-%d}"
    before, after = found.stored.manifest, found.rendered.manifest
    gateway = gateway_facts(request, before, after, found.target.chosen.version, today)
    none = unasked_checks(_NO)
    near = replace(none.found.server.neighbours, kubernetes=Known(capabilities.kube_version))
    judged = _known(context, request, found, gateway, replace(none.found.server, neighbours=near))
    return replace(found, gateway=Known(gateway), checks=replace(none, found=judged))


def _known(
    context: Context, request: Request, found: Answers, gateway: GatewayFacts, server: ServerTruth
) -> ServerAnswers:
    release, rendered = found.stored.release, split(found.rendered.manifest)
    target = gateway.target
    after = target.value.version if isinstance(target, Known) else target
    named = plugins(context, rendered, release.namespace, _NO, Move(gateway.before, after, _NO))
    crossed = known_transitions(
        release,
        found.target.archive.version,
        found.stored.manifest,
        rendered,
        given=found.given,
        baseline=_NO,
        plugins=named,
        flags=request.flags,
    )
    return ServerAnswers(server, _kubernetes(request, found, server.neighbours), named, crossed)


def _kubernetes(request: Request, found: Answers, near: LiveNeighbours) -> KubernetesFindings:
    """Helm's template leaves the hooks among the objects."""
    release, manifest = found.stored.release, found.rendered.manifest
    return kubernetes_findings(
        found.stored.manifest,
        manifest,
        release.namespace,
        gateways_of(manifest, release.namespace),
        near,
        chart_crds(found.target.files, _NO),
        record_bytes(found.target.files, found.given, manifest, (), ""),
        server_side=is_server_side(release, request.flags),
    )


def as_far_as_known(verdicts: Iterable[Verdict], policies: Iterable[str]) -> tuple[Verdict, ...]:
    """The verdicts, without those that take the old chart and values for the release itself: that revision 0 is in
    order, or that no value is lost, where some may be in the release alone. Raises UsageError for a wrong policy."""
    asked = parse_policies(list(policies))
    return tuple(_known_verdict(verdict, asked.get(verdict.check, Policy.WARN)) for verdict in verdicts)


def _known_verdict(verdict: Verdict, policy: Policy) -> Verdict:
    """policy: what holds for it where it is unknown."""
    if verdict.status is Status.UNKNOWN and verdict.reason == NO_CLUSTER:
        return replace(verdict, hint=_LATER)
    kept = verdict.check == values_only_in_release.ID and verdict.status is Status.FAIL
    if kept or verdict.check not in (*_OF_THE_RELEASE, values_only_in_release.ID):
        return verdict
    return Verdict(verdict.check, Status.UNKNOWN, NO_CLUSTER, hint=_LATER, policy=policy)
