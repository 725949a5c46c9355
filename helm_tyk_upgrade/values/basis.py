"""What proposals are made from, and how one is put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.model.change import Override, Path
from helm_tyk_upgrade.model.values import Behaviour, KeyEdit, Moved, Proposal, Risk
from helm_tyk_upgrade.values.paths import dotted
from helm_tyk_upgrade.values.places import Places

UNEDITED = "its value is in no file that can be edited here"


@dataclass(frozen=True)
class Basis:
    """What proposals are made from. overrides: judged; guesses: dead path -> the key that it probably is now; moved and
    behaviours: what is known of the chart; given: the user's values merged; sets: the keys given by --set flags;
    files: the local values files, lowest precedence first; chart: name and version, for the source; start: the chart
    version that runs; unread: whether Helm is given layers that are no local files."""

    overrides: Sequence[Override]
    guesses: Mapping[Path, Path]
    moved: Sequence[Moved]
    behaviours: Sequence[Behaviour]
    given: Mapping[str, Any] = field(repr=False)
    new_defaults: Mapping[str, Any] = field(repr=False)
    effective: Mapping[str, Any] = field(repr=False)
    files: Sequence[Places]
    sets: Sequence[str] = ()
    chart: str = ""
    start: str = ""
    unread: bool = False

    @property
    def editable(self) -> list[Places]:
        """sops files are never edited; of several documents it is not certain which one is meant."""
        return [file for file in self.files if not file.encrypted and file.documents < 2]


def proposal(
    kind: Any,
    path: Path,
    reason: str,
    risk: Risk,
    source: str,
    edits: Sequence[KeyEdit],
    by_hand: str,
    risk_reason: str,
    optional: bool,
) -> Proposal:
    """Edits only where nothing has to be done by hand: half of a change would be worse than none."""
    if not edits:
        by_hand = by_hand or UNEDITED
    kept = () if by_hand else tuple(edits)
    return Proposal(kind, path, reason, risk, source, kept, risk_reason, by_hand, optional)


def set_by_flag(basis: Basis, path: Path) -> str:
    """What to say of a key that a --set flag gives, empty where none does."""
    name = dotted(path)
    if any(key == name or key.startswith((f"{name}.", f"{name}[")) for key in basis.sets):
        return f"a --set gives {name}: change the flag"
    return ""
