"""A plan where Helm gives no render: only where removed API versions are the reason."""

from __future__ import annotations

from typing import Any, cast

import pytest

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import ClusterError, HelmError
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags
from helm_tyk_upgrade.model.release import Release, Stored
from helm_tyk_upgrade.planning.unserved import rendered_anyway

RELEASE = Release("tyk", "apis", 3, "deployed", "tyk-oss", "5.3.0")
OLD = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: x}\n"
GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
CUSTOM = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: x}\n"
UNSERVED = HelmError("helm upgrade failed", stderr='no matches for kind "PodDisruptionBudget" in version')


class Doors:
    """A cluster of Kubernetes 1.34 and a Helm that renders this text without it."""

    def __init__(self, text: str, refusal: Exception | None = None) -> None:
        self.cluster = self.helm = self
        self.text = text
        self.refusal = refusal
        self.asked: dict[str, Any] = {}

    def server_version(self) -> str:
        if self.refusal is not None:
            raise self.refusal
        return "v1.34.4"

    def api_versions(self) -> tuple[str, ...]:
        return ("v1", "policy/v1")

    def template(self, *args: Any, **more: Any) -> str:
        self.asked = more
        return self.text


def render(doors: Doors, stored: str, error: HelmError = UNSERVED, hooks: str = "") -> str:
    found = rendered_anyway(
        error, cast(Context, doors), Stored(RELEASE, {}, stored, hooks), "c.tgz", Layers(), UpgradeFlags()
    )
    return found.manifest


@pytest.mark.parametrize(("stored", "new"), [(OLD, GOOD), (GOOD, OLD), (OLD, OLD)])
def test_a_removed_api_on_either_side_is_rendered_for_this_cluster(stored: str, new: str) -> None:
    doors = Doors(new)
    assert render(doors, stored) == new
    assert doors.asked["kube_version"] == "v1.34.4"
    assert doors.asked["api_versions"] == ("v1", "policy/v1")


@pytest.mark.parametrize(
    ("doors", "stored", "error"),
    [
        pytest.param(Doors(CUSTOM), GOOD, UNSERVED, id="a CRD is missing"),
        pytest.param(Doors(OLD), OLD, HelmError("no", stderr="parse error"), id="another complaint"),
        pytest.param(Doors(OLD, ClusterError("refused")), OLD, UNSERVED, id="no answer of the cluster"),
    ],
)
def test_all_else_stays_helms_own_error(doors: Doors, stored: str, error: HelmError) -> None:
    with pytest.raises(HelmError) as raised:
        render(doors, stored, error)
    assert raised.value is error
