"""Which GitOps controller owns an object, by the marks it leaves. Pure.

Sources: Flux https://fluxcd.io/flux/components/helm/helmreleases/ (labels helm.toolkit.fluxcd.io/*), Argo CD
https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/ (label or annotation).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MARKS = (
    ("labels", "helm.toolkit.fluxcd.io/name", "Flux HelmRelease"),
    ("labels", "kustomize.toolkit.fluxcd.io/name", "Flux Kustomization"),
    ("labels", "argocd.argoproj.io/instance", "Argo CD application"),
    ("annotations", "argocd.argoproj.io/tracking-id", "Argo CD application"),
)


def owner_of(live: Mapping[str, Any]) -> str:
    """`Flux HelmRelease tyk`, empty for an object that nobody but Helm owns."""
    metadata = live.get("metadata") or {}
    for place, key, controller in _MARKS:
        value = (metadata.get(place) or {}).get(key)
        if value:
            return f"{controller} {value.partition(':')[0]}"
    return ""
