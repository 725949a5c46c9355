"""Which gateway version will run. Decided apart from the chart version: a newer chart may bring an older
gateway, or one that is at its end of life. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from helm_tyk_upgrade.errors import NotFound, UsageError
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.version import (
    Range,
    compare,
    gateway_version,
    is_version,
    parse_range,
)
from helm_tyk_upgrade.tyk import versions


@dataclass(frozen=True)
class Image:
    """An image reference in its parts; tag and digest are empty where it has none."""

    repository: str
    tag: str = ""
    digest: str = ""


@dataclass(frozen=True)
class GatewayDecision:
    """The gateway that will run.

    version: what the image's tag stands for, unknown for a company tag or a digest. new_tag: the tag that the
    values must get so that it runs (empty: they need no change). downgrade: it would go back although nobody
    asked for it. offer: a better version to propose, None where there is nothing to say.
    """

    version: Maybe[str]
    chosen: Chosen
    new_tag: str = ""
    downgrade: bool = False
    offer: Chosen | None = None


def image(reference: str) -> Image:
    """`registry:5000/tyk-gateway:v5.13.1@sha256:...` in its parts."""
    rest, _, digest = reference.partition("@")
    head, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:  # that colon belongs to the registry's port
        return Image(rest, "", digest)
    return Image(head, tag, digest)


def version_of(reference: str) -> Maybe[str]:
    """The gateway version that an image reference stands for. A digest decides what runs and the tag beside
    it does not, a floating tag or one of the company's own names no version: unknown, with the reason."""
    parts = image(reference)
    if parts.digest:
        return Unknown(f"the image is pinned by digest ({parts.digest[:19]}…), which names no version")
    version = gateway_version(parts.tag)
    if version is None:
        return Unknown(f"the image tag {parts.tag or 'latest'!r} is not a Tyk version")
    return Known(version)


def decide(*, rendered: str, before: Maybe[str], requested: str, today: str) -> GatewayDecision:
    """The gateway version after the upgrade.

    rendered: image reference in the manifest as the values now stand; before: the version that runs;
    requested: --gateway-version, exact or a range, or empty; today: ISO day. Raises UsageError for a
    request that cannot be understood, NotFound for a range in which no published version lies.
    """
    planned = version_of(rendered)
    if requested:
        return _requested(planned, image(rendered), requested, today)
    if isinstance(planned, Unknown):
        return GatewayDecision(planned, Chosen("", "the image that the values name"))
    chosen = Chosen(planned.value, _why_planned(planned.value, before), _unasked(planned.value, today))
    downgrade = isinstance(before, Known) and compare(planned.value, before.value) < 0
    return GatewayDecision(planned, chosen, "", downgrade, offer(planned.value, before, today))


def _why_planned(version: str, before: Maybe[str]) -> str:
    if isinstance(before, Known) and compare(before.value, version) == 0:
        return "the values and the chart name the version that runs already"
    return "the values and the chart's defaults name it"


def _unasked(version: str, today: str) -> tuple[tuple[str, str], ...]:
    """The newest version and the newest LTS patch, where they are newer than what is planned and nobody asked for
    them."""
    newest, lts = versions.gateway_versions()[0], versions.newest_lts(today)
    reasons = {newest: f"the newest, {against(newest, today)}"} | (
        {lts: "the newest LTS patch; --gateway-version takes it"} if lts else {}
    )
    return tuple((text, why) for text, why in reasons.items() if compare(text, version) > 0)


def _requested(planned: Maybe[str], parts: Image, requested: str, today: str) -> GatewayDecision:
    if parts.digest:
        raise UsageError(
            "--gateway-version: the gateway's image is pinned by digest, so its tag decides nothing",
            "remove the digest from the values, or set the new one there",
        )
    chosen = choose(requested, today)
    same = isinstance(planned, Known) and compare(planned.value, chosen.version) == 0
    return GatewayDecision(Known(chosen.version), chosen, "" if same else tag_like(parts.tag, chosen.version))


def choose(requested: str, today: str) -> Chosen:
    """The version for --gateway-version. An exact one is taken even where the data does not know it: it may
    be newer than the data. A range takes its newest version that is neither a prerelease nor known to be
    bad."""
    text = requested.removeprefix("v")
    if is_version(text):
        known = versions.gateway(text) is not None
        return Chosen(
            text, "you asked for it" + ("" if known else f" (not in the data of {versions.as_of()})")
        )
    accepted = _range(requested)
    passed_over: list[tuple[str, str]] = []
    for version in versions.gateway_versions():
        if version not in accepted:
            continue
        faults = [fault for fault in versions.known_bad(version) if not fault.only]
        if not faults:
            return Chosen(version, f"newest in {requested} as of {versions.as_of()}", tuple(passed_over))
        passed_over.append((version, faults[0].why))
    newest = versions.gateway_versions()[:3]
    if passed_over:
        raise NotFound(
            f"every published gateway version in {requested} is known to be bad: "
            + "; ".join(f"{version}: {why}" for version, why in passed_over),
            f"newest LTS: {versions.newest_lts(today)}; or give an exact version, which is taken all the same",
        )
    raise NotFound(
        f"no published gateway version is in {requested} (data of {versions.as_of()})",
        f"newest: {', '.join(newest)}; newest LTS: {versions.newest_lts(today)}; or give an exact version",
    )


def offer(version: str, before: Maybe[str], today: str) -> Chosen | None:
    """The newest LTS patch, where the planned version is at its end of life or known to be bad; never one
    older than what is planned or runs."""
    state = versions.support(version, today)
    faults = [fault for fault in versions.known_bad(version) if not fault.only]
    ended = isinstance(state, Known) and state.value.state == "end of life"
    if not (ended or faults):
        return None
    better = versions.newest_lts(today)
    floor = [version, *([before.value] if isinstance(before, Known) else [])]
    if better is None or any(compare(better, other) <= 0 for other in floor):
        return None
    why = (
        f"{version} is {state.value}" if isinstance(state, Known) and ended else f"{version}: {faults[0].why}"
    )
    return Chosen(better, f"newest LTS patch; {why}", _newer_than(better, today))


def _newer_than(version: str, today: str) -> tuple[tuple[str, str], ...]:
    """Why the published versions above an offered one are not offered."""
    newer = [text for text in versions.gateway_versions() if compare(text, version) > 0]
    return tuple((text, against(text, today)) for text in newer)


def against(version: str, today: str) -> str:
    """Why a newer version is not offered."""
    faults = [fault for fault in versions.known_bad(version) if not fault.only]
    if faults:
        return faults[0].why
    state = versions.support(version, today)
    if isinstance(state, Known) and state.value.state == "end of life":
        return str(state.value)
    return "not a long-term version: support ends when the next minor version is out"


def tag_like(tag: str, version: str) -> str:
    """The tag for a version, written as the present one: Tyk's tags begin with `v`, a mirror's may not."""
    plain = is_version(tag) and not tag.startswith("v")
    return version if plain else f"v{version}"


def _range(requested: str) -> Range:
    try:
        return parse_range(requested)
    except ValueError as error:
        raise UsageError(
            f"--gateway-version {requested}: {error}", "give a version (5.13.1) or a range (5.8.x, ^5.13)"
        ) from error
