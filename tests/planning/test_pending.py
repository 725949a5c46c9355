"""A release that is pending is refused before anything is rendered, with the evidence and the one way on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.model.stuck import Advice
from helm_tyk_upgrade.planning import pending
from tests.applying.build import RELEASE, scene

PENDING = replace(RELEASE, status="pending-upgrade")


@pytest.mark.parametrize(
    ("advice", "hint"),
    [
        (
            Advice("free", "nothing has moved", "helm rollback tyk 2 -n apis", ("lease: nobody holds it",)),
            "`helm tyk-upgrade unlock tyk -n apis` frees it by `helm rollback tyk 2 -n apis`",
        ),
        (
            Advice("resume", "run r-1 was cut off", "helm tyk-upgrade resume r-1"),
            "`helm tyk-upgrade resume r-1` goes on with it",
        ),
        (
            Advice("unknown", "pods is forbidden", "helm rollback tyk 2 -n apis"),
            "`helm rollback tyk 2 -n apis` frees it",
        ),
        (Advice("wait", "somebody is at work"), "wait for it; `helm tyk-upgrade unlock"),
        (Advice("refuse", "Flux owns it"), "wait for it; `helm tyk-upgrade unlock"),
        (None, "run the command again"),
    ],
)
def test_a_pending_release_is_refused_with_evidence_and_the_way_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, advice: Advice | None, hint: str
) -> None:
    monkeypatch.setattr(pending, "stuck", lambda *given: advice)
    with pytest.raises(TykUpgradeError) as caught:
        pending.refuse_pending(scene(tmp_path).context, PENDING)
    assert hint in caught.value.hint
    assert "pending-upgrade" in caught.value.message
    if advice is not None:
        assert caught.value.exit_code == Exit.BLOCKED
        assert advice.reason in caught.value.message
        assert all(line in caught.value.message for line in advice.evidence)


def test_any_other_release_is_asked_nothing(tmp_path: Path) -> None:
    pending.refuse_pending(scene(tmp_path).context, RELEASE)
