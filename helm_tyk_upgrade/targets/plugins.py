"""Go plugins of a release: whether the planned gateway finds their files, and how to compile them for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.manifests.split import ManifestObject
from helm_tyk_upgrade.model.baseline import Baseline, LoggedPlugin
from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.targets import plugin_places as places
from helm_tyk_upgrade.targets.gateway_pods import gateway_workloads
from helm_tyk_upgrade.targets.plugin_places import PlannedPod
from helm_tyk_upgrade.tyk.plugins import compiling, preflight
from helm_tyk_upgrade.tyk.plugins.files import PUBLISHED, looked_for, plain_platform
from helm_tyk_upgrade.tyk.plugins.found import Found

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

_IN_BUNDLE = "its files are in the bundle, which every new pod downloads; manifest.json names them"
_IN_PLACE = "what is in it cannot be seen from outside"


@dataclass(frozen=True)
class Move:
    """The gateway before and after, and where it runs. before, after: versions; platforms: of the cluster's nodes."""

    before: Maybe[str]
    after: Maybe[str]
    platforms: Maybe[tuple[str, ...]]


def plugins(
    context: Doors, objects: Sequence[ManifestObject], namespace: str, baseline: Maybe[Baseline], move: Move
) -> Maybe[GoPlugins]:
    """Every Go plugin that could be found, and every place that could not be looked at. Never raises.

    objects: the new manifest, split; namespace: the release's; baseline: as read from the running gateway, whose API
    definitions and logs are used. Unknown only where the new manifest has no gateway.
    """
    gateways = gateway_workloads(objects, namespace)
    if not gateways:
        return Unknown("the new manifest has no Tyk gateway")
    pods = [PlannedPod.of(context, tuple(objects), gateway) for gateway in gateways]
    operator = places.of_operator(context, namespace)
    unasked = [
        *places.baseline_gaps(baseline),
        *(
            f"API definitions and log of {gateway.ref}: only the first gateway is asked"
            for gateway in gateways[1:]
        ),
        *operator.unasked,
        *(gap for pod in pods for gap in pod.unasked),
    ]
    logged = places.logged(baseline)
    found = places.merged(
        [*places.in_apis(baseline), *places.in_operator(operator), *places.in_pods(pods)], logged
    )
    return Known(_described(found, pods[0], baseline, logged, move, tuple(dict.fromkeys(unasked))))


def _described(
    found: list[Found],
    pod: PlannedPod,
    baseline: Maybe[Baseline],
    logged: Mapping[str, LoggedPlugin],
    move: Move,
    unasked: tuple[str, ...],
) -> GoPlugins:
    rebuild = _rebuild(baseline, pod.gateway.spec.image, move)
    if not found:
        return GoPlugins((), unasked=unasked, rebuild=rebuild)
    platforms = (
        tuple(dict.fromkeys(map(plain_platform, move.platforms.value)))
        if isinstance(move.platforms, Known)
        else ()
    )
    built = compiling.compiling(
        [one.path for one in found if one.kind == "file"],
        move.after,
        pod.gateway.spec.image,
        platforms or PUBLISHED,
    )
    loading, why = _preflight(found, pod, move.after, platforms or PUBLISHED[:1])
    notes = (
        compiling.without(move.after),
        compiling.go_versions(move.before, move.after),
        compiling.guide_path(move.before, move.after),
        *built.notes,
        *_assumed(move.platforms),
        *(f"{path} does not load now: {plugin.failed}" for path, plugin in logged.items() if plugin.failed),
        *why,
    )
    rows = places.grouped(found, lambda one: (one.kind, one.path))
    described = tuple(_plugin(one, pod, move.after, platforms or PUBLISHED) for one in rows)
    return GoPlugins(described, built.commands, unasked, notes, loading, rebuild)


def _plugin(found: Found, pod: PlannedPod, after: Maybe[str], platforms: Iterable[str]) -> GoPlugin:
    if found.kind != "file":
        files = pod.mounts.at(found.path) if found.kind == "place" else Unknown(_IN_BUNDLE)
        seen: Maybe[tuple[str, ...]] = (
            Known(tuple(sorted(file for file in files.value if file.endswith(".so"))))
            if isinstance(files, Known)
            else Unknown(files.reason if found.path.startswith("/") or found.kind == "bundle" else _IN_PLACE)
        )
        return GoPlugin(found.where, found.path, (), seen, found.sure)
    if isinstance(after, Unknown):
        return GoPlugin(
            found.where,
            found.path,
            (),
            Unknown(f"the planned version is not known: {after.reason}"),
            found.sure,
        )
    names = looked_for(found.path, after.value, platforms)
    if not names:
        return GoPlugin(found.where, found.path, (), Unknown("no file is named"), found.sure)
    return GoPlugin(found.where, found.path, names, _present(pod, found.path, names), found.sure)


def _present(pod: PlannedPod, path: str, names: tuple[str, ...]) -> Maybe[tuple[str, ...]]:
    return Unknown(_IN_BUNDLE) if "/bundles/" in path else pod.mounts.present(names)


def _rebuild(baseline: Maybe[Baseline], image: str, move: Move) -> Maybe[bool]:
    """Whether version or edition change."""
    images = {pod.image for pod in baseline.value.pods} if isinstance(baseline, Known) else set()
    if any(one and compiling.edition(one) != compiling.edition(image) for one in images):
        return Known(True)
    for version in (move.before, move.after):
        if isinstance(version, Unknown):
            return Unknown(f"whether the gateway version changes: {version.reason}")
    assert isinstance(move.before, Known)
    assert isinstance(move.after, Known)
    return Known(move.before.value.removeprefix("v") != move.after.value.removeprefix("v"))


def _assumed(platforms: Maybe[tuple[str, ...]]) -> tuple[str, ...]:
    if isinstance(platforms, Known) and platforms.value:
        return ()
    why = platforms.reason if isinstance(platforms, Unknown) else "the cluster tells none"
    return (f"architectures of the nodes are not known ({why}): amd64 and arm64 are given",)


def _preflight(
    found: Iterable[Found], pod: PlannedPod, after: Maybe[str], platforms: Iterable[str]
) -> tuple[str, tuple[str, ...]]:
    """The Jobs as YAML, or nothing and why."""
    # What is in a bundle is not there before the gateway has downloaded it.
    loadable = [
        one for one in found if one.kind == "file" and one.sure and one.symbol and "/bundles/" not in one.path
    ]
    if not loadable or isinstance(after, Unknown):
        return "", ()
    if not preflight.can_load(after.value):
        return "", (f"gateway {after.value} has no `tyk plugin load`: try the plugins on a test gateway",)
    from helm_tyk_upgrade.helmyaml.emit import compose

    ref = pod.gateway.ref
    jobs = []
    for platform in platforms:
        names = [(looked_for(one.path, after.value, (platform,))[0], one.symbol) for one in loadable]
        loads = [preflight.Load(*name) for name in dict.fromkeys(names)]
        jobs.append(preflight.job(ref.name, ref.namespace, platform, pod.spec, pod.container, loads))
    try:
        return "---\n".join(compose(job, {}).decode() for job in jobs), ()
    except TykUpgradeError as error:
        return "", (f"no Job to try the plugins with: {error.message}",)
