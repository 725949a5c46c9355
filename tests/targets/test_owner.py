"""The marks of GitOps controllers."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.targets.owner import owner_of


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        ({"labels": {"helm.toolkit.fluxcd.io/name": "tyk"}}, "Flux HelmRelease tyk"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}, "Flux Kustomization apps"),
        ({"labels": {"argocd.argoproj.io/instance": "tyk"}}, "Argo CD application tyk"),
        (
            {"annotations": {"argocd.argoproj.io/tracking-id": "tyk:apps/Deployment:apis/gateway"}},
            "Argo CD application tyk",
        ),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, ""),
        ({"labels": {"helm.toolkit.fluxcd.io/name": ""}}, ""),
        ({"labels": None, "annotations": None}, ""),
        (None, ""),
    ],
)
def test_an_object_belongs_to_whoever_marked_it(metadata: dict[str, Any] | None, owner: str) -> None:
    assert owner_of({"metadata": metadata}) == owner
