"""`--write` in plan, upgrade and apply: the proposals are decided before anything is rendered."""

from __future__ import annotations

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Request
from helm_tyk_upgrade.model.known import Maybe
from helm_tyk_upgrade.model.plan import ValuesInput
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.planning.accepting import Accepted, Choose, accept
from helm_tyk_upgrade.planning.advising import advise
from helm_tyk_upgrade.planning.chart_facts import Target
from helm_tyk_upgrade.planning.merging import four_values, hidden_values
from helm_tyk_upgrade.planning.template_reads import template_reads


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
        hidden=hidden_values(context, values.layers.documents),
        reads=template_reads(
            context, target.archive.path, target.files, four.given, four.new_defaults, four.effective
        ),
        helm_major=major,
    )
    return accept(judged.proposals, values.files, choose, major)
