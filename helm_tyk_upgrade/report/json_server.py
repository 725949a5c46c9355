"""What the API server and the registries said, in a JSON document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helm_tyk_upgrade.model.known import Maybe
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.server import Drift, DryRunAnswer, ImagePresence, ServerTruth
from helm_tyk_upgrade.report.json_document import filled, maybe, object_id, sides
from helm_tyk_upgrade.report.masking import drift_value


def server_data(server: ServerTruth) -> dict[str, Any]:
    """The dry-run of the new objects and of the way back, and what the cluster is."""
    return {
        "forward": maybe(server.forward, _answers),
        "back": maybe(server.back, _answers),
        "kubernetes": maybe(server.neighbours.kubernetes),
        "platforms": maybe(server.neighbours.platforms, list),
    }


def _answers(answers: Iterable[DryRunAnswer]) -> list[dict[str, Any]]:
    return [_answer(answer) for answer in answers]


def _answer(answer: DryRunAnswer) -> dict[str, Any]:
    return {
        "object": object_id(answer.id),
        "accepted": maybe(answer.accepted),
        **filled(reason=answer.reason, hook=answer.hook),
        "causes": list(answer.causes),
        "immutable": answer.immutable,
        "conflicts": [
            {"path": conflict.path, "manager": conflict.manager, **filled(time=conflict.time)}
            for conflict in answer.conflicts
        ],
    }


def drift_data(drift: Maybe[tuple[Drift, ...]], masker: Masker) -> dict[str, Any]:
    """Live fields that the upgrade or its rollback will overwrite."""
    return maybe(drift, lambda found: [_drift(each, masker) for each in found])


def _drift(found: Drift, masker: Masker) -> dict[str, Any]:
    stored, live = (drift_value(masker, found, value) for value in (found.stored, found.live))
    return {
        "object": object_id(found.id),
        "path": found.path,
        **{{"old": "stored", "new": "live"}[name]: value for name, value in sides(stored, live).items()},
        **filled(manager=found.manager, time=found.time),
    }


def images_data(server: ServerTruth) -> dict[str, Any]:
    """Of the new manifest and of the one a rollback returns to."""
    return {"forward": maybe(server.images, _images), "back": maybe(server.images_back, _images)}


def _images(images: Iterable[ImagePresence]) -> list[dict[str, Any]]:
    return [
        {
            "image": image.image,
            "usedBy": list(image.used_by),
            "present": maybe(image.present),
            "missingPlatforms": list(image.missing),
            **filled(digest=image.digest, evidence=image.evidence),
        }
        for image in images
    ]
