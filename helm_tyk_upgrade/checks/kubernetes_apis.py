"""Whether the cluster still serves the API version of every object, those of the stored manifest too: Helm reads that
first, and can then neither upgrade nor roll back.

Passes: every object is of an API version that Kubernetes keeps; one is deprecated, which is told.
Fails: the stored manifest has a PodDisruptionBudget of policy/v1beta1 and the cluster runs Kubernetes 1.34.
"""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.kubernetes import OldApi
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown

ID = "kubernetes-apis"
TITLE = "Does the cluster serve the API version of every object, stored and new?"
DEFAULT = Policy.FAIL
HINT = "take a chart version, or the values, that render the API version to use instead"
_STORED = "the plugin helm-mapkubeapis rewrites the stored release: helm mapkubeapis {name} -n {namespace}"


def run(facts: Facts, changes: Changes) -> Verdict:
    found = facts.kubernetes.apis
    if isinstance(found, Unknown):
        return unknown(ID, f"the cluster's version is not known: {found.reason}")
    removed, unrecorded, deprecated = (
        [api for api in found.value if api.state == state]
        for state in ("removed", "unrecorded", "deprecated")
    )
    lines = _lines([*unrecorded, *deprecated])
    if removed:
        first, *others = _lines(removed)
        stored = any(api.stored for api in removed)
        hint = _STORED.format(name=facts.release.name, namespace=facts.release.namespace) if stored else ""
        return failed(ID, first, *others, *lines, hint=hint)
    if unrecorded:
        return unknown(ID, lines[0], *lines[1:], hint="look it up with kubectl api-versions")
    if deprecated:
        return passed(ID, f"every object can be made; {_objects(len(deprecated))} deprecated", *lines)
    return passed(ID, "no object is of an API version that Kubernetes removes")


def _objects(count: int) -> str:
    return "1 object's API version is" if count == 1 else f"the API versions of {count} objects are"


def _lines(apis: Iterable[OldApi]) -> list[str]:
    return list(dict.fromkeys(map(_line, apis)))


def _line(api: OldApi) -> str:
    side = "stored" if api.stored else "new"
    what = f"{api.id.api_version} {api.id.kind} {api.id.name} in the {side} manifest"
    instead = f"; use {api.instead}" if api.instead else ""
    if api.state == "unrecorded":
        return f"{what}: whether the cluster serves it is on no record (they end at Kubernetes {api.version}){instead}"
    if api.state == "removed":
        return f"{what}: Kubernetes {api.version} removed it{instead}"
    return f"{what}: deprecated since Kubernetes {api.version}{instead}"
