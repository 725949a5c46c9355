"""What a check is: a module with these names. Verdicts are data; a check never raises for what it finds."""

from __future__ import annotations

from typing import Protocol

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.verdict import Policy, Verdict


class Check(Protocol):
    ID: str
    """kebab-case; stays forever."""
    TITLE: str
    """The question, as a reader would ask it."""
    DEFAULT: Policy
    """What a failing verdict does unless --policy says otherwise."""
    HINT: str
    """What to do when it fails."""

    @staticmethod
    def run(facts: Facts, changes: Changes) -> Verdict: ...
