"""Which parts of a plan were asked for: what nobody wants to see is not found out either."""

from __future__ import annotations

from dataclasses import dataclass

from helm_tyk_upgrade.model.known import Unknown

VALUES, DIFF, CHECKS = "values", "diff", "checks"


@dataclass(frozen=True)
class Asked:
    """only: some of values, diff, checks; empty: all. The checks judge everything but the verdicts on values."""

    only: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.only or {VALUES, DIFF, CHECKS} <= set(self.only)

    @property
    def values(self) -> bool:
        return not self.only or VALUES in self.only

    @property
    def causes(self) -> bool:
        return not self.only or DIFF in self.only

    @property
    def checks(self) -> bool:
        return not self.only or CHECKS in self.only

    @property
    def not_asked(self) -> Unknown:
        return Unknown(f"not asked for: --only {','.join(self.only)}")
