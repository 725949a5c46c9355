"""Whether the nodes can get every image, of the upgrade and of the way back.

Passes: each image is in its registry for each platform of the nodes, or on every node already.
Fails: docker.io answers MANIFEST_UNKNOWN for tykio/tyk-gateway:v5.99.0: new pods would never start.
"""

from __future__ import annotations

from collections.abc import Iterable

from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.server import ImagePresence
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.model.words import count

ID = "images-present"
TITLE = "Can the nodes get every image?"
DEFAULT = Policy.WARN
HINT = "correct the image's name or tag in the values, or push it to that registry for the named platforms"


def run(facts: Facts, changes: Changes) -> Verdict:
    server = facts.server
    lists = [("", server.images), ("way back: ", server.images_back)]
    found = [(label, item) for label, answer in lists if isinstance(answer, Known) for item in answer.value]
    lines = _lines(found)
    absent = [(label, item) for label, item in found if item.present == Known(False) or item.missing]
    if absent:
        worst = next((each for each in absent if _dooms(facts, *each)), absent[0])
        told = _line(*worst)
        reason = (
            f"the rollout would surely fail: the gateway's own image {told}"
            if _dooms(facts, *worst)
            else told
        )
        return failed(ID, reason, *(line for line in lines if line != told))
    unsure = [_line(label, item) for label, item in found if isinstance(item.present, Unknown)]
    unsure += [f"{label}{answer.reason}" for label, answer in lists if isinstance(answer, Unknown)]
    if unsure:
        return unknown(ID, unsure[0], *(line for line in lines if line != unsure[0]))
    if not found:
        return not_applicable(ID, "no workload of this release has an image")
    if isinstance(server.neighbours.platforms, Unknown):
        reason = server.neighbours.platforms.reason
        return unknown(
            ID, f"all images are there; whether for each node's platform is unknown: {reason}", *lines
        )
    back = len(lines) - sum(not label for label, _ in found)
    more = f", {back} of them for the way back alone" if back else ""
    return passed(ID, f"{count(len(lines), 'image')} can be had{more}", *lines)


def _dooms(facts: Facts, label: str, item: ImagePresence) -> bool:
    """Whether the new gateway's image is surely nowhere: no pod of it would ever start."""
    own = isinstance(facts.gateway, Known) and item.image == facts.gateway.value.image
    return own and not label and item.present == Known(False)


def _lines(found: Iterable[tuple[str, ImagePresence]]) -> tuple[str, ...]:
    """One for each image; one that both ways use is told once."""
    ours = {item.image for label, item in found if not label}
    return tuple(_line(label, item) for label, item in found if not label or item.image not in ours)


def _line(label: str, item: ImagePresence) -> str:
    users = ", ".join(item.used_by)
    return f"{label}{item.image or 'no image'} ({users}): {_words(item)}"


def _words(item: ImagePresence) -> str:
    if isinstance(item.present, Unknown):
        return f"unknown: {item.present.reason}"
    if not item.present.value:
        return f"absent: {item.evidence}"
    if item.missing:
        return f"{item.evidence}, but not for {', '.join(item.missing)}"
    return item.evidence
