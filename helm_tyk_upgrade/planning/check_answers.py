"""What only the checks need to know: the release's history, the gateway that runs, rights, what the API server, the
registries and the records say. Asked side by side, each as soon as it has what it needs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.facts import Permission
from helm_tyk_upgrade.model.inputs import Request
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Rendered, Stored
from helm_tyk_upgrade.planning import server_facts
from helm_tyk_upgrade.planning.answers import CheckAnswers
from helm_tyk_upgrade.planning.chart_facts import Target
from helm_tyk_upgrade.planning.gateway_facts import GatewayFacts
from helm_tyk_upgrade.planning.object_facts import object_rights
from helm_tyk_upgrade.planning.server_facts import Scene
from helm_tyk_upgrade.targets.release import ReleaseTarget


def ask(
    pool: ThreadPoolExecutor,
    context: Context,
    request: Request,
    stored: Stored,
    target: Target,
    given: dict[str, Any],
    rendered: Future[Rendered],
    gateway: Future[Maybe[GatewayFacts]],
    subcharts: Callable[[], Maybe[tuple[str, ...]]],
) -> Callable[[], CheckAnswers]:
    """Starts asking; the answer waits. given: the user's values as planned, merged; rendered: what the upgrade would
    store, being rendered meanwhile; subcharts: of the new chart, those enabled."""
    release, driver = stored.release, context.env.get("HELM_DRIVER", "")
    live = ReleaseTarget(context, release)

    def permissions() -> tuple[Permission, ...]:
        return live.permissions(object_rights(stored, rendered.result(), request.flags), driver)

    history = pool.submit(context.helm.history, release.name, release.namespace)
    baseline = pool.submit(_baseline, live, stored)
    owner = pool.submit(live.owner, stored.manifest)
    cluster = pool.submit(live.cluster_identity)
    lock = pool.submit(live.held)
    allowed = pool.submit(permissions)
    scene = Scene(context, request, stored, target, given, rendered, gateway, baseline, subcharts)
    found = server_facts.ask(pool, scene)
    return lambda: CheckAnswers(
        history.result(),
        baseline.result(),
        owner.result(),
        cluster.result(),
        allowed.result(),
        found(),
        lock.result(),
    )


def _baseline(target: ReleaseTarget, stored: Stored) -> Maybe[Baseline]:
    try:
        return Known(target.read_baseline(stored.manifest))
    except TykUpgradeError as error:
        return Unknown(error.message)
