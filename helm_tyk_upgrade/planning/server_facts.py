"""What the cluster, the registries and the records say of both manifests: each question as soon as it can be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.manifests.crds import ChartCrd, chart_crds
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.manifests.kubernetes_findings import kubernetes_findings
from helm_tyk_upgrade.manifests.release_record import record_bytes
from helm_tyk_upgrade.manifests.split import ManifestObject, split
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.inputs import Request
from helm_tyk_upgrade.model.knowledge import GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.kubernetes import KubernetesFindings
from helm_tyk_upgrade.model.release import Rendered, Stored
from helm_tyk_upgrade.model.server import Drift, ImagePresence, LiveNeighbours, ServerTruth
from helm_tyk_upgrade.planning.answers import ServerAnswers
from helm_tyk_upgrade.planning.chart_facts import Target
from helm_tyk_upgrade.planning.gateway_facts import GatewayFacts
from helm_tyk_upgrade.planning.object_facts import gateways_of
from helm_tyk_upgrade.planning.transition_facts import known_transitions
from helm_tyk_upgrade.targets.drift import drift, unread
from helm_tyk_upgrade.targets.images import images
from helm_tyk_upgrade.targets.neighbours import neighbours
from helm_tyk_upgrade.targets.plugins import Move, plugins
from helm_tyk_upgrade.targets.server_truth import Asked as AskedObject
from helm_tyk_upgrade.targets.server_truth import answers, is_server_side, server_answers

Objects = tuple[ManifestObject, ...]
Truth = Maybe[tuple[AskedObject, ...]]


@dataclass(frozen=True)
class Scene:
    """What the questions are about. What is not known yet comes as a future: who asks, waits."""

    context: Context
    request: Request
    stored: Stored
    target: Target
    given: Mapping[str, Any] = field(repr=False)
    rendered: Future[Rendered]
    gateway: Future[Maybe[GatewayFacts]]
    baseline: Future[Maybe[Baseline]]
    subcharts: Callable[[], Maybe[tuple[str, ...]]]

    @property
    def namespace(self) -> str:
        return self.stored.release.namespace

    @property
    def server_side(self) -> bool:
        return is_server_side(self.stored.release, self.request.flags)

    @property
    def before(self) -> Objects:
        return (*split(self.stored.manifest), *split(self.stored.hooks))

    @property
    def after(self) -> Objects:
        rendered = self.rendered.result()
        return (*split(rendered.manifest), *split(rendered.hooks))


def ask(pool: ThreadPoolExecutor, scene: Scene) -> Callable[[], ServerAnswers]:
    """Starts asking; the answer waits. Nothing of it raises TykUpgradeError but what the scene's own futures raise."""
    back = pool.submit(_back, scene)
    forward = pool.submit(lambda: _forward(scene, back.result()))
    drifted = pool.submit(lambda: _drift(scene, back.result()))
    carried = pool.submit(lambda: chart_crds(scene.target.files, scene.subcharts()))
    near = pool.submit(lambda: _neighbours(scene, carried.result()))
    pulled = pool.submit(lambda: _images(scene, scene.after, near.result()))
    pulled_back = pool.submit(lambda: _images(scene, scene.before, near.result()))
    found = pool.submit(lambda: _plugins(scene, near.result()))
    crossed = pool.submit(lambda: _transitions(scene, found.result()))
    return lambda: ServerAnswers(
        ServerTruth(
            answers(forward.result()),
            answers(back.result()),
            drifted.result(),
            pulled.result(),
            pulled_back.result(),
            near.result(),
            unread(back.result()),
        ),
        _kubernetes(scene, carried.result(), near.result()),
        found.result(),
        crossed.result(),
    )


def _back(scene: Scene) -> Truth:
    """The stored objects, as a rollback would apply them."""
    return server_answers(scene.context, scene.before, scene.stored.release, scene.request.flags)


def _forward(scene: Scene, back: Truth) -> Truth:
    return server_answers(scene.context, scene.after, scene.stored.release, scene.request.flags, before=back)


def _drift(scene: Scene, back: Truth) -> Maybe[tuple[Drift, ...]]:
    changes = compare(scene.before, scene.after, namespace=scene.namespace)
    return drift(scene.context, back, changes, server_side=scene.server_side)


def _neighbours(scene: Scene, carried: Maybe[tuple[ChartCrd, ...]]) -> LiveNeighbours:
    names = [crd.name for crd in carried.value] if isinstance(carried, Known) else []
    return neighbours(scene.context, scene.stored.release, (*scene.before, *scene.after), names)


def _images(scene: Scene, objects: Objects, near: LiveNeighbours) -> Maybe[tuple[ImagePresence, ...]]:
    ca_file = scene.request.trust.ca_file
    return images(scene.context, objects, scene.namespace, near.platforms, ca_file=ca_file)


def _plugins(scene: Scene, near: LiveNeighbours) -> Maybe[GoPlugins]:
    gateway = scene.gateway.result()
    before = gateway.value.before if isinstance(gateway, Known) else gateway
    target = gateway.value.target if isinstance(gateway, Known) else gateway
    after = target.value.version if isinstance(target, Known) else target
    move = Move(before, after, near.platforms)
    objects = split(scene.rendered.result().manifest)
    return plugins(scene.context, objects, scene.namespace, scene.baseline.result(), move)


def _transitions(scene: Scene, found: Maybe[GoPlugins]) -> Maybe[tuple[TransitionFinding, ...]]:
    return known_transitions(
        scene.stored.release,
        scene.target.archive.version,
        scene.stored.manifest,
        scene.rendered.result().manifest,
        given=scene.given,
        baseline=scene.baseline.result(),
        plugins=found,
        flags=scene.request.flags,
    )


def _kubernetes(
    scene: Scene, carried: Maybe[tuple[ChartCrd, ...]], near: LiveNeighbours
) -> KubernetesFindings:
    rendered = scene.rendered.result()
    size = record_bytes(
        scene.target.files, scene.given, rendered.manifest, split(rendered.hooks), rendered.notes
    )
    gateways = gateways_of(rendered.manifest, scene.namespace)
    return kubernetes_findings(
        scene.before,
        scene.after,
        scene.namespace,
        gateways,
        near,
        carried,
        size,
        server_side=scene.server_side,
    )
