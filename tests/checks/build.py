"""Facts and changes in which everything is as it should be; a test changes the one thing it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from helm_tyk_upgrade.model.baseline import Baseline, PodBaseline
from helm_tyk_upgrade.model.change import Action, ManifestChanges, ObjectChange, ObjectId, ValuesChanges
from helm_tyk_upgrade.model.chart import ChartArchive, Chosen
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import GatewayTarget, ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion, Release, Rendered, Revision, Stored

RELEASE = Release("tyk", "apis", 3, "deployed", "tyk-oss", "2.2.0")
DEPLOYMENT = ObjectId("apps/v1", "Deployment", "", "gateway-tyk")
INVENTORY = Inventory((ApiDefinition("a1", "orders", "classic", {}),), (Policy("p1", "gold", {}),))


def pod(name: str = "gateway-1", **changed: Any) -> PodBaseline:
    healthy = PodBaseline(
        pod=name,
        ready=True,
        restarts=0,
        image="tyk-gateway:v5.3.8",
        image_id="",
        version=Known("5.3.8"),
        health=Known("pass"),
        inventory=Known(INVENTORY),
        signatures=Known(frozenset()),
    )
    return replace(healthy, **changed)


def baseline(*pods: PodBaseline, **changed: Any) -> Known[Baseline]:
    """Definitions are not in an emptyDir unless the test says so."""
    given = pods or (pod(),)
    healthy = Baseline("Deployment apis/gateway-tyk", "Deployment", len(given), given, False, False)
    return Known(replace(healthy, **changed))


def target(version: Maybe[str]) -> Known[GatewayTarget]:
    return Known(GatewayTarget("tyk-gateway:tag", version, Chosen("", "the test says so")))


def revision(number: int, status: str) -> Revision:
    return Revision(number, status, "tyk-oss-2.2.0", "2026-01-01", "")


def facts(**changed: Any) -> Facts:
    good = Facts(
        helm=HelmVersion("v4.3.1", 4, 3, 1),
        release=RELEASE,
        history=(revision(2, "superseded"), revision(3, "deployed")),
        stored=Stored(RELEASE, {}, "", ""),
        catalogued=Unknown("not asked"),
        chart=Chosen("5.3.0", "newest stable"),
        archive=ChartArchive("tyk-oss", "5.3.0", "/c/tyk-oss-5.3.0.tgz", "ab" * 32, ("Artifact Hub",)),
        values=ValuesInput("values.yaml", (), Layers(), {}),
        given={},
        old_defaults=Known({}),
        new_defaults=Known({}),
        effective=Known({}),
        rendered=Rendered("", ""),
        gateway_before=Known("5.3.8"),
        gateway=target(Known("5.13.1")),
        baseline=baseline(),
        permissions=(),
        owner=Known(""),
        today="2026-11-23",
        gateway_support=Known("LTS until 2027-10-01"),
    )
    return replace(good, **changed)


def changes(*, restarts: bool = True, **objects: Any) -> Changes:
    """One Deployment changes; its pods are replaced unless the test says otherwise."""
    found = ManifestChanges((ObjectChange(DEPLOYMENT, Action.CHANGED, (), restarts=restarts),), 4)
    return Changes(ValuesChanges((), (), (), (), ()), replace(found, **objects))


def lost(*paths: tuple[str, ...]) -> Changes:
    """Values that only the release has."""
    return replace(changes(), values=ValuesChanges((), (), (), paths, ()))
