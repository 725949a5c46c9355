"""What an upgrade would change: in the values, in the values file, in the objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from helm_tyk_upgrade.model.known import Maybe

Path = tuple[str | int, ...]
"""Where a value is: keys and list indexes from the top."""


def dotted(path: Path) -> str:
    """A path for people: `global.redis.addrs[0]`; a key with a dot in it is quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = f'"{step}"' if "." in step else step
            text += f".{name}" if text else name
    return text


class Absent:
    """There is no value here; different from null, which in Helm deletes a default."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


class Judgement(str, Enum):
    """What a chart upgrade means for one override (design: values)."""

    KEPT = "kept"
    REDUNDANT = "redundant"
    STALE_PIN = "stale pin"
    DEAD = "dead"
    RENAMED = "renamed"
    TYPE_CHANGED = "type changed"
    NULL_NO_LONGER_DELETES = "null that no longer deletes"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Override:
    """One leaf of the user's values with its four values and the judgement. `file` and `line` say where it is
    written (empty and 0 for --set and for values only the release has)."""

    path: Path
    old_default: Maybe[Any]
    new_default: Maybe[Any]
    yours: Any
    effective: Maybe[Any]
    judgement: Judgement
    reason: str
    file: str = ""
    line: int = 0
    comment: str = ""


@dataclass(frozen=True)
class NewDefault:
    """A default of the chart that takes effect without the user: changed, or added with a non-empty value."""

    path: Path
    old: Any
    new: Any
    comment: str = ""


@dataclass(frozen=True)
class ValueChange:
    """The user's own change: a value that differs between what the release uses and what is given now.
    `items`: for a list whose items have names (`extraEnvs`), the changed ones, with the name as last step."""

    path: Path
    old: Any
    new: Any
    items: tuple[ValueChange, ...] = ()


@dataclass(frozen=True)
class FileEdit:
    """An edit to a values file, decided but not yet written. before/after are the whole file's bytes."""

    file: str
    path: Path
    old: Any
    new: Any
    reason: str


@dataclass(frozen=True)
class EditedFile:
    """The planned bytes of one values file. digest_before is the sha256 of what was read."""

    file: str
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    digest_before: str
    edits: tuple[FileEdit, ...]


@dataclass(frozen=True)
class ValuesChanges:
    """The values side of a plan. `only_in_release` would be lost by this upgrade."""

    yours: tuple[ValueChange, ...]
    overrides: tuple[Override, ...]
    new_defaults: tuple[NewDefault, ...]
    only_in_release: tuple[Path, ...]
    edited_files: tuple[EditedFile, ...]
    unknown: tuple[str, ...] = ()


class Action(str, Enum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, order=True)
class ObjectId:
    """An object's identity in the cluster. namespace is as the manifest writes it: empty for a cluster-scoped
    object and for one in the release's namespace."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}"


@dataclass(frozen=True)
class FieldChange:
    """One changed field. `path` is for people (`spec.template.spec.containers[gateway].image`), `steps` for
    programs: keys, and list items as indexes into the new list (last step: into the old one where removed).

    name: what the value is known by, for masking (the environment variable's name, else the last key);
    moved: for a list whose kept items change places, their old indexes in the new order (`old` and `new` are
    then labels); cosmetic: changes nothing that runs (the chart's label, null for absent).
    """

    path: str
    steps: Path
    old: Any
    new: Any
    cause: str = ""
    random: bool = False
    name: str = ""
    moved: tuple[int, ...] = ()
    cosmetic: bool = False


@dataclass(frozen=True)
class ObjectChange:
    """One object that the upgrade adds, removes or changes. `template`: the chart file it comes from; `hook`:
    the events of a hook, empty for a release object; `restarts`: its pods are replaced. An added or removed
    object has one field, with no steps, that holds the whole of it."""

    id: ObjectId
    action: Action
    fields: tuple[FieldChange, ...]
    template: str = ""
    hook: str = ""
    restarts: bool = False


@dataclass(frozen=True)
class Danger:
    """Something in the changed objects that loses data, is rejected by the API server, or stops service.

    rule: kebab-case id; effect: what happens if it is done anyway; path: the field, empty for the object.
    """

    id: ObjectId
    rule: str
    effect: Literal["data loss", "rejected", "service stops", "replaced", "address changes"]
    path: str
    reason: str
    hint: str


@dataclass(frozen=True)
class WorkloadImpact:
    """A workload whose pods are replaced. before/after: desired pods; surge: extra pods while it rolls;
    cpu (millicores) and memory (bytes): what one new pod requests, 0 where it requests none."""

    id: ObjectId
    before: Maybe[int]
    after: Maybe[int]
    surge: Maybe[int]
    cpu: int = 0
    memory: int = 0


@dataclass(frozen=True)
class ChecksumTrace:
    """A checksum in a pod template that changes, and the changed objects that it follows.

    id: the workload; path: the checksum's field; known: the sum was made again from those objects, or the chart's
    template says that it is theirs. Else they are only the objects of the same chart that change with it.
    """

    id: ObjectId
    path: str
    causes: tuple[ObjectId, ...]
    known: bool


@dataclass(frozen=True)
class ManifestChanges:
    """The changed objects in Helm's order; `impact` has the workloads whose pods are replaced; `checksums` why
    pod templates change that only carry a sum of something else; `open_causes` why fields may lack their cause."""

    objects: tuple[ObjectChange, ...]
    unchanged: int
    dangers: tuple[Danger, ...] = ()
    impact: tuple[WorkloadImpact, ...] = ()
    checksums: tuple[ChecksumTrace, ...] = ()
    open_causes: tuple[str, ...] = ()

    @property
    def restarting(self) -> tuple[ObjectChange, ...]:
        return tuple(change for change in self.objects if change.restarts)
