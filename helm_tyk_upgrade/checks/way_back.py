"""Whether the way back is safe: proven, at risk or impossible.

Passes: a revision that worked is kept, the API server takes its objects, its images are there, nothing is one-way.
Fails: no revision ever worked; a claim would have to shrink; the old image is gone; a new version rewrites its data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from helm_tyk_upgrade.checks.server_rejects import rejected, unanswered
from helm_tyk_upgrade.model.change import Action
from helm_tyk_upgrade.model.facts import Changes, Facts
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.release import Revision, worked
from helm_tyk_upgrade.model.verdict import Policy, Verdict, failed, passed, unknown
from helm_tyk_upgrade.model.words import count

ID = "way-back"
TITLE = "Is the way back safe?"
DEFAULT = Policy.WARN
HINT = "a failed upgrade may then not be undone by a rollback: keep a backup outside the cluster, or mend this first"
_HISTORY_MAX = 10
"""Helm's own default for --history-max."""
_STORAGE = ("spec", "resources", "requests", "storage")


@dataclass(frozen=True)
class _Obstacle:
    weight: Literal["impossible", "at risk", "not proven"]
    what: str


def run(facts: Facts, changes: Changes) -> Verdict:
    target = _newest_good(facts)
    if target is None:
        return failed(ID, "impossible: the history holds no revision that ever worked")
    found = (
        *_history(facts, target),
        *_one_way(facts, changes),
        *_server(facts, target),
        *_images(facts),
        *_transitions(facts),
    )
    for weight in ("impossible", "at risk", "not proven"):
        worst = [obstacle for obstacle in found if obstacle.weight == weight]
        if worst:
            answer = unknown if weight == "not proven" else failed
            lines = [f"{obstacle.weight}: {obstacle.what}" for obstacle in found]
            return answer(ID, f"{weight}: {worst[0].what}", *lines)
    asked = len(facts.server.back.value) if isinstance(facts.server.back, Known) else 0
    return passed(
        ID,
        f"proven: revision {target.revision} is kept, the API server takes its {count(asked, 'object')}, its images"
        " are there, and no step is one-way",
    )


def _newest_good(facts: Facts) -> Revision | None:
    """The revision a rollback goes to: the newest that worked."""
    good = [item for item in facts.history if worked(item)]
    return max(good, key=lambda item: item.revision, default=None)


def _history(facts: Facts, target: Revision) -> Iterator[_Obstacle]:
    """Helm deletes the oldest revisions before it stores a new one, but never the last that is deployed
    (pkg/storage/storage.go, removeLeastRecent)."""
    most = _HISTORY_MAX if facts.flags.history_max is None else facts.flags.history_max
    newer = sum(item.revision > target.revision for item in facts.history)
    if target.status != "deployed" and 0 < most < newer + 2:
        what = f"revision {target.revision} would be deleted: only {count(most, 'revision')} are kept"
        yield _Obstacle("impossible", what)


def _one_way(facts: Facts, changes: Changes) -> Iterator[_Obstacle]:
    """What the upgrade does that no rollback undoes."""
    for danger in changes.objects.dangers:
        if danger.effect == "data loss":
            yield _Obstacle("impossible", f"the data does not come back: {danger.reason}")
    for change in changes.objects.objects:
        claim = change.action is Action.CHANGED and change.id.kind == "PersistentVolumeClaim"
        if claim and any(field.steps == _STORAGE for field in change.fields):
            yield _Obstacle("impossible", f"{change.id} grows, and a volume never shrinks again")


def _server(facts: Facts, target: Revision) -> Iterator[_Obstacle]:
    back = facts.server.back
    if isinstance(back, Unknown):
        yield _Obstacle("not proven", f"the old objects were not rehearsed: {back.reason}")
        return
    if target.revision != facts.release.revision:
        what = (
            f"the objects of revision {facts.release.revision} were rehearsed, not those of {target.revision}"
        )
        yield _Obstacle("not proven", what)
    yield from (_Obstacle("impossible", f"the API server rejects {line}") for line in rejected(back.value))
    yield from (_Obstacle("not proven", line) for line in unanswered(back.value))
    for answer in () if facts.flags.force_conflicts else back.value:
        for field in answer.conflicts[:1]:
            what = (
                f"Helm's rollback stops at fields of {answer.id} that belong to {field.manager}: {field.path}"
            )
            yield _Obstacle("at risk", what)


def _images(facts: Facts) -> Iterator[_Obstacle]:
    images = facts.server.images_back
    if isinstance(images, Unknown):
        yield _Obstacle("not proven", f"the old images were not looked for: {images.reason}")
        return
    for image in images.value:
        if image.present == Known(False):
            yield _Obstacle(
                "at risk", f"image {image.image} is gone: only nodes that still hold it can run it"
            )
        elif isinstance(image.present, Unknown):
            yield _Obstacle("not proven", f"image {image.image}: {image.present.reason}")
        elif image.missing:
            yield _Obstacle("at risk", f"image {image.image} is not there for {', '.join(image.missing)}")


def _transitions(facts: Facts) -> Iterator[_Obstacle]:
    if isinstance(facts.transitions, Unknown):
        yield _Obstacle("not proven", f"one-way changes of the versions: {facts.transitions.reason}")
        return
    for finding in facts.transitions.value:
        if not finding.one_way or finding.concerns == Known(False):
            continue
        if isinstance(finding.concerns, Unknown):
            yield _Obstacle("not proven", f"{finding.what} ({finding.concerns.reason})")
        else:
            yield _Obstacle("impossible" if finding.severity == "blocks" else "at risk", finding.what)
