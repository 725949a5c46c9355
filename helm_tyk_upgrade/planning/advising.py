"""What the facts mean for the user's values: the question put to `values.judging`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from helm_tyk_upgrade.model.change import EditedFile, Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.known import Maybe
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.tyk import values as known
from helm_tyk_upgrade.values.judging import Judged, Question, judge

Values = Mapping[str, Any]


def advise(
    *,
    chart: ChartFiles | None,
    start: str,
    to: str,
    given: Values,
    old_defaults: Maybe[Values],
    new_defaults: Maybe[Values],
    effective: Maybe[Values],
    files: Iterable[ValuesFile],
    edited: Iterable[EditedFile] = (),
    sets: Iterable[tuple[str, str]] = (),
    unread: bool = False,
    hidden: tuple[Path, ...] = (),
    reads: Mapping[Path, Maybe[bool]],
    helm_major: int,
) -> Judged:
    """start, to: the chart versions that run and will run. The files are judged as they will be after the edits;
    unread: Helm is given layers that are no local files."""
    after = {each.file: each.after for each in edited}
    name = chart.name if chart else ""
    return judge(
        Question(
            given=given,
            old_defaults=old_defaults,
            new_defaults=new_defaults,
            effective=effective,
            files=[(file.path, after.get(file.path, file.data)) for file in files],
            helm_major=helm_major,
            chart=chart,
            sets=set_keys(sets),
            unread=unread,
            hidden=hidden,
            reads=reads,
            moved=known.moved(name, to),
            behaviours=known.behaviour(name, start, to),
            start=start,
        )
    )


def set_keys(sets: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The keys that --set flags name: `a.b=1,c=2` -> a.b, c. A comma inside a value gives a key too many, which
    does no harm; --set-json of a whole document names its top."""
    return tuple(
        part.partition("=")[0].strip() for _, text in sets for part in text.split(",") if "=" in part
    )
