"""What the two manifests, the values and the running gateway mean for what is known of Tyk's versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.gateway.environment import environment_of
from helm_tyk_upgrade.gateway.spec import gateway_container
from helm_tyk_upgrade.manifests.split import Manifest, ManifestObject, mapping, split
from helm_tyk_upgrade.manifests.workloads import pod_template
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.gateway import Inventory
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.knowledge import NOT_LOOKED_FOR, GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.targets.gateway_pods import gateway_workload
from helm_tyk_upgrade.targets.server_truth import is_server_side
from helm_tyk_upgrade.tyk import transitions
from helm_tyk_upgrade.tyk.charts import COMPONENT, gateway_path
from helm_tyk_upgrade.tyk.gateway_version import version_of
from helm_tyk_upgrade.tyk.subject import Side, Subject

_LABEL = re.compile(rf"{COMPONENT}-(\d.*)")
_NO_GATEWAY = Unknown("the manifest has no Tyk gateway")


def known_transitions(
    release: Release,
    chart_version: str,
    stored: Manifest,
    rendered: Manifest,
    *,
    given: Mapping[str, Any],
    baseline: Maybe[Baseline],
    plugins: Maybe[GoPlugins] = NOT_LOOKED_FOR,
    flags: UpgradeFlags | None = None,
) -> Maybe[tuple[TransitionFinding, ...]]:
    """The records that this upgrade crosses, each with whether it concerns the release.

    chart_version: the planned one; stored, rendered: the manifests without hooks; given: the user values as planned,
    merged, without the chart's defaults; flags: Helm's, for --server-side. Pure, but for
    reading the data that comes with the program.
    """
    before, after = split(stored), split(rendered)
    subject = Subject(
        before=side(before),
        after=side(after),
        given=given,
        inventory=_inventory(baseline),
        plugins=plugins,
        server_side=is_server_side(release, flags or UpgradeFlags()),
    )
    return transitions.transitions(_move(release, chart_version, before, after, subject), subject)


def side(manifest: Manifest) -> Side:
    """One manifest as the detectors read it."""
    objects = split(manifest)
    data = tuple(item.data for item in objects)
    found = _gateway(objects)
    if found is None:
        return Side(objects=data)
    pod = mapping((pod_template(found) or {}).get("spec"))
    container = gateway_container(pod) or {}
    environment = environment_of(container)
    return Side(
        objects=data,
        pod=pod,
        container=container,
        variables={
            name: value if isinstance(value, str) else None for name, value in environment.variables.items()
        },
        imported=environment.imported,
        version=version_of(str(container.get("image") or "")),
    )


def component_version(manifest: Manifest) -> Maybe[str]:
    """The version of Tyk's gateway chart that a manifest was rendered by, from the gateway's label `chart`: in Tyk's
    umbrella charts the same as the umbrella's own."""
    found = _gateway(split(manifest))
    if found is None:
        return _NO_GATEWAY
    label = str(mapping(mapping(found.data.get("metadata")).get("labels")).get("chart") or "")
    match = _LABEL.fullmatch(label)
    return (
        Known(match[1])
        if match
        else Unknown(f"the gateway's label chart ({label!r}) names no chart of Tyk's")
    )


def _move(
    release: Release,
    chart_version: str,
    before: tuple[ManifestObject, ...],
    after: tuple[ManifestObject, ...],
    subject: Subject,
) -> transitions.Move:
    tyks = gateway_path(release.chart) is not None
    return transitions.Move(
        chart=release.chart if tyks else COMPONENT,
        chart_from=Known(release.chart_version) if tyks else component_version(before),
        chart_to=Known(chart_version) if tyks else component_version(after),
        gateway_from=subject.before.version,
        gateway_to=subject.after.version,
    )


def _gateway(objects: tuple[ManifestObject, ...]) -> ManifestObject | None:
    found = gateway_workload(objects, namespace="")
    if found is None:
        return None
    return next(item for item in objects if (item.id.kind, item.id.name) == (found.ref.kind, found.ref.name))


def _inventory(baseline: Maybe[Baseline]) -> Maybe[Inventory]:
    return baseline if isinstance(baseline, Unknown) else baseline.value.inventory
