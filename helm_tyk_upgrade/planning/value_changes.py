"""What differs in the values, and what each override means under the new chart. Pure."""

from __future__ import annotations

from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.facts import Facts
from helm_tyk_upgrade.planning.advising import advise
from helm_tyk_upgrade.planning.values_input import has_unread
from helm_tyk_upgrade.values.judging import Judged


def judge_values(facts: Facts, edited: tuple[EditedFile, ...]) -> Judged:
    return advise(
        chart=facts.chart_files,
        start=facts.release.chart_version,
        to=facts.archive.version,
        given=facts.given,
        old_defaults=facts.old_defaults,
        new_defaults=facts.new_defaults,
        effective=facts.effective,
        files=facts.values.files,
        edited=edited,
        sets=facts.values.layers.sets,
        unread=has_unread(facts.values.layers.documents),
        hidden=facts.hidden_values,
        reads=facts.template_reads,
        helm_major=facts.helm.major,
    )
