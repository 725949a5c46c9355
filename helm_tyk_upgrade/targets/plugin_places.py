"""Where Go plugins of a release are named: its APIs, its planned pods, its log, Tyk Operator's resources."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.gateway.environment import environment_of
from helm_tyk_upgrade.gateway.spec import gateway_container
from helm_tyk_upgrade.manifests.split import ManifestObject, mapping
from helm_tyk_upgrade.manifests.workloads import pod_template
from helm_tyk_upgrade.model.baseline import Baseline, LoggedPlugin
from helm_tyk_upgrade.model.gateway import ApiDefinition
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload
from helm_tyk_upgrade.targets.mounted_files import Mounts
from helm_tyk_upgrade.targets.operator_apis import OperatorApis, operator_apis
from helm_tyk_upgrade.tyk.plugins.definitions import in_definition
from helm_tyk_upgrade.tyk.plugins.found import Found
from helm_tyk_upgrade.tyk.plugins.logs import configured
from helm_tyk_upgrade.tyk.plugins.pod import BUNDLES, FOLDER, in_pod

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

_SHOWN = 3
"""APIs that are named for one plugin; the others are counted."""


@dataclass(frozen=True)
class PlannedPod:
    """A gateway's planned pod template."""

    gateway: GatewayWorkload
    spec: Mapping[str, Any]
    container: Mapping[str, Any]
    mounts: Mounts

    @classmethod
    def of(cls, context: Doors, objects: tuple[ManifestObject, ...], gateway: GatewayWorkload) -> PlannedPod:
        item = next(
            one for one in objects if (one.id.kind, one.id.name) == (gateway.ref.kind, gateway.ref.name)
        )
        spec = mapping((pod_template(item) or {}).get("spec"))
        container = gateway_container(spec) or {}
        return cls(gateway, spec, container, Mounts(context, objects, gateway.ref.namespace, spec, container))

    @property
    def unasked(self) -> list[str]:
        hidden = environment_of(self.container).hidden((*BUNDLES, FOLDER))
        return [f"{self.gateway.ref}: {name} is set outside of the manifest" for name in hidden[:1]]

    def places(self) -> Iterator[Found]:
        """Without those that are known to hold no shared object."""
        variables = environment_of(self.container).variables
        plain = {name: value for name, value in variables.items() if isinstance(value, str)}
        for found in in_pod(str(self.gateway.ref), self.spec, self.container, plain):
            files = self.mounts.at(found.path) if found.kind == "place" else Unknown("")
            if isinstance(files, Unknown) or any(file.endswith(".so") for file in files.value):
                yield found


def of_operator(context: Doors, namespace: str) -> OperatorApis:
    try:
        return operator_apis(context.cluster, namespace)
    except TykUpgradeError as error:  # no way to the cluster at all
        return OperatorApis(unasked=(f"custom resources of Tyk Operator: {error.message}",))


def baseline_gaps(baseline: Maybe[Baseline]) -> list[str]:
    if isinstance(baseline, Unknown):
        return [f"API definitions and log of the running gateway: {baseline.reason}"]
    if not baseline.value.pods:
        return ["API definitions of the running gateway: no gateway pod runs"]
    gaps = []
    for pod in baseline.value.pods:
        if isinstance(pod.inventory, Unknown):
            gaps.append(f"API definitions of pod {pod.pod}: {pod.inventory.reason}")
        if isinstance(pod.plugins, Unknown):
            gaps.append(f"log of pod {pod.pod}: {pod.plugins.reason}")
    return gaps


def _apis(baseline: Maybe[Baseline]) -> list[ApiDefinition]:
    """Each API once, of every pod that told."""
    pods = baseline.value.pods if isinstance(baseline, Known) else ()
    found = {
        api.id: api for pod in pods if isinstance(pod.inventory, Known) for api in pod.inventory.value.apis
    }
    return list(found.values())


def in_apis(baseline: Maybe[Baseline]) -> list[Found]:
    return [
        found for api in _apis(baseline) for found in in_definition(f"API {api.name or api.id}", api.document)
    ]


def in_operator(operator: OperatorApis) -> list[Found]:
    return [found for where, document in operator.definitions for found in in_definition(where, document)]


def in_pods(pods: Iterable[PlannedPod]) -> list[Found]:
    return [found for pod in pods for found in pod.places()]


def logged(baseline: Maybe[Baseline]) -> dict[str, LoggedPlugin]:
    """By path as configured, a failure before a success."""
    found: dict[str, LoggedPlugin] = {}
    for pod in baseline.value.pods if isinstance(baseline, Known) else ():
        for plugin in pod.plugins.value if isinstance(pod.plugins, Known) else ():
            path = configured(plugin.path)
            if path not in found or plugin.failed:
                found[path] = plugin
    return found


def merged(found: Iterable[Found], logged: Mapping[str, LoggedPlugin]) -> list[Found]:
    """Each plugin once, with the APIs that name it; a bundle out of which one was loaded is that plugin."""
    known = grouped(
        (_out_of_bundle(one, logged) for one in found), lambda one: (one.kind, one.path, one.symbol)
    )
    named = {configured(one.path) for one in known}
    return known + [_from_log(path) for path in logged if path not in named]


def grouped(found: Iterable[Found], key: Callable[[Found], object]) -> list[Found]:
    """One for each key: sure where any of its group is, and named by the first places of the group."""
    groups: dict[object, list[Found]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return [
        replace(group[0], where=_places(group), sure=any(one.sure for one in group))
        for group in groups.values()
    ]


def _out_of_bundle(found: Found, logged: Mapping[str, LoggedPlugin]) -> Found:
    """The gateway unpacks a bundle into `bundles/<md5 of its name>` (gateway/coprocess_bundle.go)."""
    if found.kind != "bundle":
        return found
    folder = f"/bundles/{hashlib.md5(found.path.encode(), usedforsecurity=False).hexdigest()}/"
    path = next((path for path in logged if folder in path), "")
    return Found(f"{found.where} {found.path}", path) if path else found


def _from_log(path: str) -> Found:
    """A log also names plugins of APIs that are gone; one out of a bundle is named nowhere else."""
    return Found("the gateway's log", path, sure="/bundles/" in path)


def _places(group: list[Found]) -> str:
    places = list(dict.fromkeys(one.where for one in group))
    more = len(places) - _SHOWN
    return ", ".join(places[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
