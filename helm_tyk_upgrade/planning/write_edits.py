"""Edits of values files in plan, upgrade and apply: decided before anything is rendered."""

from __future__ import annotations

from dataclasses import dataclass

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers, Request
from helm_tyk_upgrade.model.known import Maybe
from helm_tyk_upgrade.model.plan import ValuesInput
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.values import Proposal
from helm_tyk_upgrade.planning.accepting import Accepted, Choose, accept, joined, with_edits
from helm_tyk_upgrade.planning.advising import advise
from helm_tyk_upgrade.planning.chart_facts import Target
from helm_tyk_upgrade.planning.gateway_facts import with_gateway_version
from helm_tyk_upgrade.planning.merging import four_values, hidden_values
from helm_tyk_upgrade.planning.template_reads import template_reads
from helm_tyk_upgrade.planning.values_input import has_unread


@dataclass(frozen=True)
class PlannedValues:
    """layers: what Helm will be given, edits apart; refused: accepted proposals that could not be made."""

    layers: Layers
    edited: tuple[EditedFile, ...]
    refused: tuple[tuple[Proposal, str], ...]


def planned_values(
    request: Request,
    context: Context,
    release: Release,
    target: Target,
    old: Maybe[ChartFiles],
    manifest: str,
    values: ValuesInput,
    choose: Choose,
) -> PlannedValues:
    """What --write and --gateway-version make of the values files, each file edited once. manifest: the stored one."""
    accepted = write_edits(request, context, release, target, old, values, choose)
    today, major = f"{context.clock.now():%Y-%m-%d}", context.helm.version().major
    files = with_edits(values.files, accepted.edited)
    layers, tag = with_gateway_version(request, release, manifest, values.layers, files, today, major)
    return PlannedValues(layers, joined(accepted.edited, tag), accepted.refused)


def write_edits(
    request: Request,
    context: Context,
    release: Release,
    target: Target,
    old: Maybe[ChartFiles],
    values: ValuesInput,
    choose: Choose,
) -> Accepted:
    """The edits that the user accepts; none without --write, or where no local file is given."""
    if not request.write or not values.files:
        return Accepted()
    four = four_values(context, old, target.files, values.layers)
    major = context.helm.version().major
    judged = advise(
        chart=target.files,
        start=release.chart_version,
        to=target.archive.version,
        given=four.given,
        old_defaults=four.old_defaults,
        new_defaults=four.new_defaults,
        effective=four.effective,
        files=values.files,
        sets=values.layers.sets,
        unread=has_unread(values.layers.documents),
        hidden=hidden_values(context, values.layers.documents),
        reads=template_reads(
            context, target.archive.path, target.files, four.given, four.new_defaults, four.effective
        ),
        helm_major=major,
    )
    return accept(judged.proposals, values.files, choose, major)
