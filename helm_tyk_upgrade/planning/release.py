"""Which release is meant."""

from __future__ import annotations

from helm_tyk_upgrade.errors import NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.helm.client import Helm
from helm_tyk_upgrade.model.release import Release, Stored

SUCCESSORS = {
    "tyk-headless": "tyk-oss",
    "tyk-pro": "tyk-stack or tyk-control-plane",
    "tyk-hybrid": "tyk-data-plane",
}


def find_release(helm: Helm, namespace: str, name: str) -> Release:
    """The named release, or the only Tyk release of the namespace.

    Raises NotFound (with what is there), UsageError where several could be meant, TykUpgradeError for a legacy
    chart, which cannot be upgraded in place.
    """
    return _in_place(helm.release(name or _only(helm, namespace), namespace))


def find_stored(helm: Helm, namespace: str, name: str) -> Stored:
    """The same release with what Helm keeps of it, in one question less. Raises the same."""
    stored = helm.stored(name or _only(helm, namespace), namespace)
    _in_place(stored.release)
    return stored


def _in_place(release: Release) -> Release:
    if release.is_legacy:
        raise TykUpgradeError(
            f"{release} is a {release.chart} release: it cannot become {SUCCESSORS[release.chart]} in place "
            "(Helm would delete the old Deployment, Services and APIs and make new ones in one step)",
            "install the new chart beside it, move the APIs, switch the traffic, then uninstall the old one: "
            "docs/tyk-headless.md",
        )
    return release


def _only(helm: Helm, namespace: str) -> str:
    found = helm.releases(namespace)
    tyk = [release for release in found if release.is_tyk or release.is_legacy]
    if len(tyk) == 1:
        return tyk[0].name
    if tyk:
        names = ", ".join(f"{release.name} ({release.chart} {release.chart_version})" for release in tyk)
        raise UsageError(f"namespace {namespace} has several Tyk releases: {names}", "name one of them")
    names = ", ".join(f"{release.name} ({release.chart})" for release in found) or "none"
    raise NotFound(
        f"namespace {namespace} has no release of a Tyk chart",
        f"releases there: {names}; give the namespace with -n, or name the release of a chart that contains Tyk's",
    )
