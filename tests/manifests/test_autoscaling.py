"""What an upgrade does to a count that an autoscaler has set; each row was seen with a real Helm."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.manifests.autoscaling import rescaled
from helm_tyk_upgrade.manifests.split import split


def deployment(replicas: str, name: str = "gw", namespace: str = "") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    return f"---\nkind: Deployment\nmetadata: {{name: {name}{place}}}\nspec: {{{replicas}}}\n"


def autoscaler(desired: int | None = 5, current: int | None = 5, **changed: str) -> dict[str, Any]:
    ref = {"kind": "Deployment", "name": "gw", **changed}
    status = {"desiredReplicas": desired, "currentReplicas": current}
    return {
        "metadata": {"name": "scaler", "namespace": "apis"},
        "spec": {"scaleTargetRef": ref},
        "status": status,
    }


@pytest.mark.parametrize(
    ("old", "new", "server_side", "expected"),
    [
        ("replicas: 2", "replicas: 2", False, (2, True, False)),
        ("replicas: 2", "replicas: 3", False, (3, True, False)),
        ("replicas: 2", "replicas: 2", True, (2, True, True)),
        ("", "replicas: 2", False, (2, True, False)),
        ("replicas: 2", "", False, (1, False, False)),
        ("replicas: 2", "replicas: null", False, (1, False, False)),
        ("replicas: 2", "", True, None),
        ("", "", False, None),
        ("replicas: 5", "replicas: 5", False, None),
    ],
)
def test_the_count_after_the_upgrade(
    old: str, new: str, server_side: bool, expected: tuple[int, bool, bool] | None
) -> None:
    found = rescaled(
        split(deployment(old)), split(deployment(new)), [autoscaler()], "apis", server_side=server_side
    )
    assert [(each.then, each.rendered, each.conflicts) for each in found] == ([expected] if expected else [])
    assert all((each.live, each.autoscaler, each.id.name) == (5, "scaler", "gw") for each in found)


@pytest.mark.parametrize(
    ("new", "scaler"),
    [
        pytest.param(deployment("replicas: 2"), autoscaler(name="other"), id="scales another"),
        pytest.param(deployment("replicas: 2"), autoscaler(kind="StatefulSet"), id="scales another kind"),
        pytest.param(deployment("replicas: 2", namespace="b"), autoscaler(), id="in another namespace"),
        pytest.param(deployment("replicas: 2"), autoscaler(None, None), id="has not said yet"),
        pytest.param(deployment("replicas: '2'"), autoscaler(), id="no number: the API server says so"),
    ],
)
def test_left_alone(new: str, scaler: dict[str, Any]) -> None:
    assert rescaled(split(new), split(new), [scaler], "apis", server_side=False) == ()


def test_what_it_wants_counts_before_what_runs() -> None:
    manifest = split(deployment("replicas: 2"))
    (found,) = rescaled(manifest, manifest, [autoscaler(4, 2)], "apis", server_side=False)
    assert found.live == 4
    assert rescaled(manifest, manifest, [autoscaler(None, 2)], "apis", server_side=False) == ()
