"""Two bundles side by side, or a bundle and what is true now. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.manifests.diff import compare as compare_manifests
from helm_tyk_upgrade.manifests.fields import fields
from helm_tyk_upgrade.model.change import ManifestChanges
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.targets.bundle_contents import HOOKS, MANIFEST, VALUES
from helm_tyk_upgrade.targets.definitions import FILE as DEFINITIONS


@dataclass(frozen=True)
class Side:
    """One of the two. name: in words; files: name in the bundle -> bytes; origins: name -> the user's path; missing:
    why it has less than it could, in words."""

    name: str
    namespace: str
    files: Mapping[str, bytes] = field(repr=False)
    origins: Mapping[str, str]
    facts: Mapping[str, Any]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileDifference:
    """A file of the user's, or the release's values; empty bytes where one side has none."""

    name: str
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)


@dataclass(frozen=True)
class DefinitionDifference:
    """kind: `API` or `policy`; what: `added`, `removed` or `changed`; paths: of the fields that differ. Their values
    may be secrets, and are not here."""

    kind: str
    id: str
    name: str
    what: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Differences:
    """facts: (name, before, after); files: the values; definitions: unknown where a side does not have them."""

    facts: tuple[tuple[str, str, str], ...]
    files: tuple[FileDifference, ...]
    objects: Maybe[ManifestChanges]
    definitions: Maybe[tuple[DefinitionDifference, ...]]

    @property
    def any(self) -> bool:
        objects = isinstance(self.objects, Known) and bool(self.objects.value.objects)
        definitions = isinstance(self.definitions, Known) and bool(self.definitions.value)
        return bool(self.facts or self.files) or objects or definitions

    @property
    def unknown(self) -> tuple[str, ...]:
        """What could not be compared, in words."""
        parts = (("objects", self.objects), ("API definitions and policies", self.definitions))
        return tuple(f"{name}: {found.reason}" for name, found in parts if isinstance(found, Unknown))


_FACTS = ("revision", "chart", "status", "gateway_versions", "digests")


def differences(old: Side, new: Side) -> Differences:
    """Raises TykUpgradeError for a manifest or definitions that cannot be read."""
    return Differences(_facts(old, new), _files(old, new), _objects(old, new), _definitions(old, new))


def _facts(old: Side, new: Side) -> tuple[tuple[str, str, str], ...]:
    pairs = ((name, _words(old.facts.get(name)), _words(new.facts.get(name))) for name in _FACTS)
    return tuple((name, before, after) for name, before, after in pairs if before != after)


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str("" if value is None else value)


def _files(old: Side, new: Side) -> tuple[FileDifference, ...]:
    before, after = _users(old), _users(new)
    names = list(dict.fromkeys((*before, *after)))
    found = [FileDifference(name, before.get(name, b""), after.get(name, b"")) for name in names]
    found.append(FileDifference(VALUES, old.files.get(VALUES, b""), new.files.get(VALUES, b"")))
    return tuple(item for item in found if item.before != item.after)


def _users(side: Side) -> dict[str, bytes]:
    """By the path they came from: the number in a bundle's name depends on how many were given."""
    return {origin: side.files[name] for name, origin in side.origins.items() if name in side.files}


def _objects(old: Side, new: Side) -> Maybe[ManifestChanges]:
    for side in (old, new):
        if MANIFEST not in side.files:
            return Unknown(f"{side.name} has no manifest")
    before, after, before_hooks, after_hooks = (
        side.files.get(name, b"").decode("utf-8", "replace")
        for name in (MANIFEST, HOOKS)
        for side in (old, new)
    )
    return Known(compare_manifests(before, after, before_hooks, after_hooks, old.namespace))


def _definitions(old: Side, new: Side) -> Maybe[tuple[DefinitionDifference, ...]]:
    for side in (old, new):
        if DEFINITIONS not in side.files:
            why = next((reason for reason in side.missing if reason.startswith("API definitions")), "")
            return Unknown(f"{side.name} has none" + (f" ({why})" if why else ""))
    before, after = (inventory_of(side.files[DEFINITIONS], side.name) for side in (old, new))
    return Known(compare_inventories(before, after))


def inventory_of(data: bytes, where: str) -> Inventory:
    """What definitions.definition_files wrote. Raises TykUpgradeError where it is something else."""
    try:
        value = json.loads(data)
        return Inventory(
            tuple(ApiDefinition(**api) for api in value["apis"]),
            tuple(Policy(**policy) for policy in value["policies"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise TykUpgradeError(
            f"the API definitions of {where} cannot be read: {type(error).__name__}"
        ) from error


def compare_inventories(old: Inventory, new: Inventory) -> tuple[DefinitionDifference, ...]:
    """By id, in order."""
    return (*_by_id("API", old.apis, new.apis), *_by_id("policy", old.policies, new.policies))


def _by_id(
    kind: str, old: tuple[ApiDefinition | Policy, ...], new: tuple[ApiDefinition | Policy, ...]
) -> tuple[DefinitionDifference, ...]:
    before, after = ({item.id: item for item in items} for items in (old, new))
    found = []
    for name in sorted(before.keys() | after.keys()):
        item = after.get(name) or before[name]
        if name not in before or name not in after:
            found.append(DefinitionDifference(kind, name, item.name, "added" if name in after else "removed"))
        elif before[name].document != after[name].document:
            changed = fields(before[name].document, after[name].document)
            paths = tuple(change.path for change in changed)
            found.append(DefinitionDifference(kind, name, item.name, "changed", paths))
    return tuple(found)
