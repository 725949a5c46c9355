"""The gateway version: what runs, what will run, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from helm_tyk_upgrade.errors import TykUpgradeError, UsageError
from helm_tyk_upgrade.manifests.split import Manifest, split
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.inputs import Layers, Request
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.plan import GatewayTarget, ValuesFile
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.planning.edits import edit_value, overlay, place_of
from helm_tyk_upgrade.planning.transition_facts import component_version, side
from helm_tyk_upgrade.targets.gateway_pods import gateway_workload
from helm_tyk_upgrade.tyk import gateway_version as decision
from helm_tyk_upgrade.tyk import versions
from helm_tyk_upgrade.tyk.charts import tag_path
from helm_tyk_upgrade.tyk.detectors import ask
from helm_tyk_upgrade.tyk.subject import Subject


@dataclass(frozen=True)
class GatewayFacts:
    """before: version that the stored manifest names; support: one sentence; offer: a version to propose instead,
    empty where there is nothing to say."""

    before: Maybe[str]
    target: Maybe[GatewayTarget]
    support: Maybe[str]
    known_bad: tuple[str, ...]
    offer: str = ""


def gateway_facts(
    request: Request, stored: Manifest, rendered: Manifest, chart_version: str, today: str
) -> GatewayFacts:
    """What two manifests say of the gateway. today: ISO day. Raises UsageError where --gateway-version has no
    effect."""
    stored, rendered = split(stored), split(rendered)
    before = version_in(stored)
    image = image_in(rendered)
    if not image:
        nothing = Unknown("the new manifest has no Tyk gateway")
        return GatewayFacts(before, nothing, nothing, ())
    _refuse_overridden(request, image, today)
    decided = decision.decide(rendered=image, before=before, requested="", today=today)
    expected = request.settings.expect_version.removeprefix("v")
    asked = decision.choose(request.gateway_version, today) if request.gateway_version else None
    target = GatewayTarget(image, decided.version, asked or decided.chosen, expected)
    return GatewayFacts(
        before=before,
        target=Known(target),
        support=_support(decided.version, today),
        known_bad=_faults(decided.version, chart_version, stored, rendered),
        offer=decided.offer.version if decided.offer else "",
    )


def _refuse_overridden(request: Request, image: str, today: str) -> None:
    """--gateway-version sets the tag in one place; a later layer or a --set may still win over it."""
    if not request.gateway_version:
        return
    wanted = decision.choose(request.gateway_version, today).version
    if decision.image(image).tag.removeprefix("v") != wanted:
        raise UsageError(
            f"--gateway-version {request.gateway_version}: with these values the image is still {image}",
            "a --set or a later values file overrides the tag: leave it out there",
        )


def image_in(manifest: Manifest) -> str:
    """The gateway's image in a manifest, empty where it has no gateway."""
    found = gateway_workload(split(manifest), namespace="")
    return found.spec.image if found is not None else ""


def with_gateway_version(
    request: Request,
    release: Release,
    stored: str,
    layers: Layers,
    files: tuple[ValuesFile, ...],
    today: str,
    major: int,
) -> tuple[Layers, tuple[EditedFile, ...]]:
    """The layers under which --gateway-version runs, and the values file edit that makes them so.

    Raises UsageError or NotFound for a version that cannot be had, TykUpgradeError where the place of the tag is
    not known.
    """
    if not request.gateway_version:
        return layers, ()
    path = tag_path(release.chart)
    if path is None:
        raise TykUpgradeError(
            f"--gateway-version: where chart {release.chart} keeps the gateway's image tag is not known",
            "set the tag in your values file and leave the flag out",
        )
    running = decision.image(image_in(stored))
    if running.digest:
        raise UsageError(
            "--gateway-version: the gateway's image is pinned by digest, so its tag decides nothing",
            "remove the digest from the values, or set the new one there",
        )
    chosen = decision.choose(request.gateway_version, today)
    tag = decision.tag_like(running.tag, chosen.version)
    file = place_of(path, files, layers, major)
    if file is None:
        return Layers((*layers.documents, overlay(path, tag)), layers.sets), ()
    edited = edit_value(file, path, tag, f"gateway {chosen.version}: {chosen.reason}", major)
    return layers, (edited,) if edited.before != edited.after else ()


def version_in(manifest: Manifest) -> Maybe[str]:
    """The gateway version that a manifest's image stands for."""
    image = image_in(manifest)
    return decision.version_of(image) if image else Unknown("the release's manifest has no Tyk gateway")


def _support(version: Maybe[str], today: str) -> Maybe[str]:
    if isinstance(version, Unknown):
        return version
    answer = versions.support(version.value, today)
    return answer if isinstance(answer, Unknown) else Known(str(answer.value))


def _faults(version: Maybe[str], chart_version: str, stored: Manifest, rendered: Manifest) -> tuple[str, ...]:
    """The published faults of both planned versions that concern this release, or may."""
    chart = component_version(rendered)
    number = chart.value if isinstance(chart, Known) else chart_version
    gateway = version.value if isinstance(version, Known) else ""
    found = [
        *((f"gateway {gateway}", fault) for fault in versions.known_bad(gateway)),
        *((f"chart {number}", fault) for fault in versions.known_bad(number, "chart")),
    ]
    if not found:
        return ()
    subject = Subject(side(stored), side(rendered))
    judged = [(what, fault, _concerns(fault, subject)) for what, fault in found]
    return tuple(f"{what}: {fault}{note}" for what, fault, note in judged if note is not None)


def _concerns(fault: versions.Fault, subject: Subject) -> str | None:
    """None where the fault does not meet this release; else what to add to it."""
    answer = ask(fault.detect, subject).concerns if fault.detect else Known(True)
    if isinstance(answer, Unknown):
        return f" (whether it concerns this release is not known: {answer.reason})"
    return "" if answer.value else None
