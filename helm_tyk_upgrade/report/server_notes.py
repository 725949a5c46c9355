"""What the API server and the registries said of the planned objects, as notes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.server import Drift, DryRunAnswer, FieldConflict, ImagePresence, ServerTruth
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.masking import drift_value, untrusted
from helm_tyk_upgrade.report.notes import Note, Section, first
from helm_tyk_upgrade.report.writing import written

LIMIT = 12
"""So many rejections, drifted fields or images are shown unless all are asked for."""
SHORT = 60
_MORE = "--show server"


def server_sections(server: ServerTruth, masker: Masker, *, whole: bool) -> tuple[Section, ...]:
    """The dry-run, the drift and the images, empty where they were not asked (see `unasked`). whole: nothing folded,
    also what is as it should be."""
    limit = 0 if whole else LIMIT
    return (
        Section("API server", first(_answers(server.forward, masker, whole), limit, _MORE)),
        drift_section(server, masker, limit),
        Section("Images", first(_all_images(server, masker, whole), limit, _MORE)),
    )


def drift_section(server: ServerTruth, masker: Masker, limit: int = LIMIT) -> Section:
    """Live fields that were changed outside Helm; limit 0: all."""
    title = "Changed in the cluster outside Helm, will be overwritten"
    return Section(title, first(_drifts(server.drift, masker), limit, _MORE))


def _answers(answers: Maybe[tuple[DryRunAnswer, ...]], masker: Masker, whole: bool) -> Iterator[Note]:
    """Rejections, conflicts, what could not be tried; then how many are accepted."""
    if isinstance(answers, Unknown):
        return
    for answer in answers.value:
        if answer.accepted == Known(False) and not answer.conflicts:
            yield _rejected(answer, masker)
    for answer in answers.value:
        if answer.conflicts:
            yield Note(
                untrusted(masker, f"{answer.id}: fields that another manager owns"),
                "bad" if answer.accepted == Known(False) else "warn",
                tuple(_conflict(conflict, masker) for conflict in answer.conflicts),
            )
    yield from _untried(answers.value, masker)
    accepted = [answer for answer in answers.value if answer.accepted == Known(True)]
    if whole:
        yield from (Note(untrusted(masker, f"{answer.id} is accepted"), "good") for answer in accepted)
    elif accepted:
        yield Note(f"{count(len(accepted), 'object')} accepted in a dry-run", "good")


def _rejected(answer: DryRunAnswer, masker: Masker) -> Note:
    field = " (a field that may not change in place)" if answer.immutable else ""
    text = f"{answer.id} is rejected{field}: {answer.reason}"
    return Note(untrusted(masker, text), "bad", tuple(untrusted(masker, cause) for cause in answer.causes))


def _conflict(conflict: FieldConflict, masker: Masker) -> str:
    when = f" since {conflict.time}" if conflict.time else ""
    return untrusted(masker, f"{conflict.path}: {conflict.manager}{when}")


def _untried(answers: Iterable[DryRunAnswer], masker: Masker) -> Iterator[Note]:
    """By reason: one reason often holds for many."""
    reasons: dict[str, list[str]] = {}
    for answer in answers:
        if isinstance(answer.accepted, Unknown):
            reasons.setdefault(answer.accepted.reason, []).append(str(answer.id))
    for reason, names in reasons.items():
        text = f"could not be tried ({count(len(names), 'object')}): {reason}"
        yield Note(untrusted(masker, text), "warn", (untrusted(masker, ", ".join(names)),))


def _drifts(drift: Maybe[tuple[Drift, ...]], masker: Masker) -> Iterator[Note]:
    if isinstance(drift, Unknown):
        return
    for found in drift.value:
        who = " ".join(filter(None, (found.manager, found.time)))
        by = f"  (by {who})" if who else ""
        if not found.path:
            yield Note(untrusted(masker, f"{found.id} is gone from the cluster{by}"), "warn")
            continue
        stored, live = (written(drift_value(masker, found, value)) for value in (found.stored, found.live))
        both = (f"stored {stored}", f"live {live}")
        below = (", ".join(both),) if sum(map(len, both)) < SHORT else both
        yield Note(untrusted(masker, f"{found.id} {found.path}{by}"), "warn", below)


def _all_images(server: ServerTruth, masker: Masker, whole: bool) -> Iterator[Note]:
    platforms = server.neighbours.platforms
    where = "there for every platform" if _any(platforms) else "there; platforms not compared"
    yield from _images(server.images, "", where, masker, whole)
    yield from _images(server.images_back, "way back: ", where, masker, whole)


def _any(platforms: Maybe[tuple[str, ...]]) -> bool:
    return isinstance(platforms, Known) and bool(platforms.value)


def _images(
    images: Maybe[tuple[ImagePresence, ...]], lead: str, where: str, masker: Masker, whole: bool
) -> Iterator[Note]:
    """Absent ones first, then those nobody could be asked about, then how many are there. where: words for those."""
    if isinstance(images, Unknown):
        return
    ready = [image for image in images.value if image.present == Known(True) and not image.missing]
    troubled = [image for image in images.value if image not in ready]
    for image in sorted(troubled, key=lambda image: isinstance(image.present, Unknown)):
        text = untrusted(masker, f"{lead}{image.image} {_trouble(image)}")
        used = untrusted(masker, f"used by {', '.join(image.used_by)}")
        yield Note(text, "warn" if isinstance(image.present, Unknown) else "bad", (used,))
    if whole:
        yield from (Note(untrusted(masker, f"{lead}{image.image} is there"), "good") for image in ready)
    elif ready:
        names = untrusted(masker, ", ".join(image.image for image in ready))
        yield Note(f"{lead}{count(len(ready), 'image')} {where}", "good", (names,))


def _trouble(image: ImagePresence) -> str:
    if isinstance(image.present, Unknown):
        return f"could not be looked up: {image.present.reason}"
    if image.present == Known(False):
        return f"is absent: {image.evidence}" if image.evidence else "is not in its registry"
    return f"has no image for {', '.join(image.missing)}"


def unasked(server: ServerTruth, masker: Masker) -> tuple[tuple[str, str], ...]:
    """What was not found out as a whole: (what, why)."""
    answers: tuple[tuple[str, Maybe[object]], ...] = (
        ("dry-run", server.forward),
        ("drift", server.drift),
        ("images", server.images),
        ("images of the way back", server.images_back),
    )
    return tuple(
        (what, untrusted(masker, answer.reason)) for what, answer in answers if isinstance(answer, Unknown)
    )
