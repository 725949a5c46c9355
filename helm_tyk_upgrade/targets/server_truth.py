"""What the API server says to the objects of a release before anything is applied: all of them, in one go.

Each object is asked by server-side apply. A release that Helm applies server-side is asked without force, so that
fields of other managers come back; Helm 4 does the same to every object, changed or not (tried with 4.3.1). For a
release that Helm applies client-side, a no is asked again in Helm's own way, as the patch its three-way merge makes:
server-side apply alone refuses lists with repeated keys and a field that moves between alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from helm_tyk_upgrade.cluster.dryrun import MANAGER, DryRun, dry_create, dry_patch, dry_run, live_object
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.manifests.managed_fields import by_name
from helm_tyk_upgrade.manifests.split import ManifestObject, mapping
from helm_tyk_upgrade.manifests.threeway import merge_patch, three_way
from helm_tyk_upgrade.model.change import ObjectId
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.server import DryRunAnswer, FieldConflict
from helm_tyk_upgrade.targets.patience import Patience

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster
    from helm_tyk_upgrade.targets.doors import Doors

SECONDS = 20.0
"""That all questions about one manifest may take together, or EACH for each object where that is more."""
EACH = 0.05
_WORKERS = 8
UPGRADE_HOOKS = frozenset(("pre-upgrade", "post-upgrade"))
ROLLBACK_HOOKS = frozenset(("pre-rollback", "post-rollback"))
_DELETE_POLICY = "helm.sh/hook-delete-policy"
_OWNER = ("meta.helm.sh/release-name", "meta.helm.sh/release-namespace")
_MANAGED_BY = "app.kubernetes.io/managed-by"
Key: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True)
class Asked:
    """One object and what the server said to it. live: as it is now, empty where there is none; applied: as the server
    would store it, empty without a yes."""

    item: ManifestObject
    answer: DryRunAnswer
    live: Maybe[Mapping[str, Any]] = field(default=Unknown("the live object was not read"), repr=False)
    applied: Mapping[str, Any] = field(default_factory=dict, repr=False)


def server_answers(
    context: Doors,
    objects: Iterable[ManifestObject],
    release: Release,
    flags: UpgradeFlags | None = None,
    *,
    before: Maybe[tuple[Asked, ...]] | None = None,
) -> Maybe[tuple[Asked, ...]]:
    """Ask about every object, in their order, and the hooks that would run; all rejections at once. Never raises.

    before: the answers for the stored objects, when these are the new ones: what does not change is not asked again.
    Without it the objects are taken as the stored ones, asked as a rollback would apply them. Unknown as a whole where
    there is no cluster to ask; a single answer is unknown where the server could not say, or was not asked because it
    took too long.
    """
    if isinstance(before, Unknown):
        return before
    try:
        cluster = context.cluster
    except TykUpgradeError as error:
        return Unknown(error.message)
    wanted = [item for item in objects if not item.hook or _runs(item, forward=before is not None)]
    rehearsal = _Rehearsal(
        cluster,
        Patience(context.clock, max(SECONDS, EACH * len(wanted))),
        release,
        is_server_side(release, flags or UpgradeFlags()),
        None if before is None else {key_of(one.item, release.namespace): one for one in before.value},
        "--take-ownership" in (flags or UpgradeFlags()).passed,
        frozenset(item.id.name for item in wanted if item.id.kind == "Namespace"),
    )
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        return Known(tuple(pool.map(rehearsal.ask, wanted)))


def answers(asked: Maybe[tuple[Asked, ...]]) -> Maybe[tuple[DryRunAnswer, ...]]:
    return Known(tuple(one.answer for one in asked.value)) if isinstance(asked, Known) else asked


def is_server_side(release: Release, flags: UpgradeFlags) -> bool:
    """How Helm will apply the objects: as the revision before, unless --server-side says otherwise."""
    chosen = next(
        (word.partition("=")[2] for word in flags.passed if word.startswith("--server-side=")), "auto"
    )
    return chosen == "true" if chosen in ("true", "false") else release.apply_method == "server-side apply"


def key_of(item: ManifestObject, namespace: str) -> Key:
    """What makes two manifests' objects the same object in the cluster."""
    group = item.id.api_version.rpartition("/")[0]
    return group, item.id.kind, item.id.namespace or namespace, item.id.name


def is_named(item: ManifestObject) -> bool:
    """Not one with generateName, which the server makes anew each time."""
    return bool(mapping(item.data.get("metadata")).get("name"))


def _runs(item: ManifestObject, *, forward: bool) -> bool:
    return bool((UPGRADE_HOOKS if forward else ROLLBACK_HOOKS).intersection(item.hook))


@dataclass(frozen=True)
class _Rehearsal:
    """The questions about one manifest. before: None for the stored manifest itself."""

    cluster: Cluster
    patience: Patience
    release: Release
    server_side: bool
    before: Mapping[Key, Asked] | None
    take_ownership: bool
    namespaces: frozenset[str]

    def ask(self, item: ManifestObject) -> Asked:
        known = (self.before or {}).get(key_of(item, self.release.namespace))
        if known is not None and not item.hook and known.item.data == item.data:
            return replace(known, item=item, answer=replace(known.answer, id=item.id))
        if self.patience.spent:
            return _unasked(item, self.patience.spent)
        trouble = self._kind_missing(item)
        if trouble is not None:
            return Asked(item, DryRunAnswer(item.id, *trouble, hook=",".join(item.hook)))
        if item.hook:
            return Asked(item, self._answer(item, self._hook(item)))
        return self._object(item, known)

    def _kind_missing(self, item: ManifestObject) -> tuple[Maybe[bool], str] | None:
        """Helm looks all kinds up before it changes anything, so it is a no even where the same manifest brings the
        definition (tried with 3.19.0 and 4.3.1: `no matches for kind`, `ensure CRDs are installed first`)."""
        try:
            self.cluster.resource(item.id.api_version, item.id.kind)
        except NotFound:
            kind = f"{item.id.kind} in {item.id.api_version}"
            return Known(False), f"the cluster has no kind {kind}, and Helm wants it before it begins"
        except TykUpgradeError as error:
            return Unknown(error.message), ""
        return None

    # Objects of the release

    def _object(self, item: ManifestObject, known: Asked | None) -> Asked:
        if not is_named(item):
            return Asked(item, self._answer(item, self._create(self._as_sent(item.data))), _NO_NAME)
        live = known.live if known is not None else self._live(item)
        if isinstance(live, Known) and self._foreign(item, live.value):
            return Asked(item, DryRunAnswer(item.id, Known(False), _FOREIGN), live)
        manifest = self._as_sent(item.data)
        found = self._apply(manifest, force=not self.server_side)
        conflicts: tuple[FieldConflict, ...] = ()
        if found.conflict:
            conflicts = self._conflicts(found, live)
            found = self._apply(manifest, force=True)
        if found.accepted == Known(False) and not self.server_side and isinstance(live, Known):
            found = self._patched(manifest, known.item.data if known else item.data, live.value)
        return Asked(item, self._answer(item, found, conflicts), live, found.result)

    def _live(self, item: ManifestObject) -> Maybe[Mapping[str, Any]]:
        found = self.patience.ask(
            lambda seconds: live_object(self.cluster, item.data, self.release.namespace, timeout=seconds)
        )
        if found.missing:
            return Known({})
        return found.accepted if isinstance(found.accepted, Unknown) else Known(found.result)

    def _foreign(self, item: ManifestObject, live: Mapping[str, Any]) -> bool:
        """An object that is new to the release and there already: Helm refuses to take it over."""
        new = self.before is not None and key_of(item, self.release.namespace) not in self.before
        if not new or not live or self.take_ownership:
            return False
        metadata = mapping(live.get("metadata"))
        owner = tuple(mapping(metadata.get("annotations")).get(name) for name in _OWNER)
        managed = mapping(metadata.get("labels")).get(_MANAGED_BY)
        return owner != (self.release.name, self.release.namespace) or managed != "Helm"

    def _as_sent(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """With the marks that Helm puts on each object: policies may ask for them."""
        metadata = mapping(data.get("metadata"))
        owner = dict(zip(_OWNER, (self.release.name, self.release.namespace), strict=True))
        marked = metadata | {
            "labels": mapping(metadata.get("labels")) | {_MANAGED_BY: "Helm"},
            "annotations": mapping(metadata.get("annotations")) | owner,
        }
        return {**data, "metadata": marked}

    def _apply(self, manifest: Mapping[str, Any], *, force: bool) -> DryRun:
        return self.patience.ask(
            lambda seconds: dry_run(
                self.cluster,
                manifest,
                self.release.namespace,
                force=force,
                timeout=seconds,
            )
        )

    def _patched(
        self, manifest: dict[str, Any], stored: Mapping[str, Any], live: Mapping[str, Any]
    ) -> DryRun:
        """The same change as Helm's client-side apply makes it."""
        if not live:
            return self._create(manifest)
        patch = merge_patch(live, three_way(self._as_sent(stored), manifest, live))
        if not patch:
            return DryRun(Known(True), result=live)
        return self.patience.ask(
            lambda seconds: dry_patch(self.cluster, manifest, patch, self.release.namespace, timeout=seconds)
        )

    def _conflicts(self, found: DryRun, live: Maybe[Mapping[str, Any]]) -> tuple[FieldConflict, ...]:
        """Helm's own older ownership is no conflict: Helm takes it over where a release changes its apply method."""
        parsed = (_CONFLICT.fullmatch(cause) for cause in found.causes)
        named = [(match["path"], match["manager"]) for match in parsed if match]
        there = live.value if isinstance(live, Known) else {}
        times = {manager: by_name(there, manager) for _, manager in named}
        return tuple(
            FieldConflict(_for_people(path), manager, owner.time if (owner := times[manager]) else "")
            for path, manager in named
            if manager != MANAGER
        )

    # Hooks

    def _hook(self, item: ManifestObject) -> DryRun:
        """Helm creates a hook anew, and first deletes what an earlier run left behind unless the hook forbids that."""
        found = self._create(item.data)
        annotations = mapping(mapping(item.data.get("metadata")).get("annotations"))
        policy = str(annotations.get(_DELETE_POLICY) or "before-hook-creation")
        if found.code != 409 or "before-hook-creation" not in policy:
            return found
        name = f"{item.id.name[:57]}-asked"
        return self._create({**item.data, "metadata": mapping(item.data.get("metadata")) | {"name": name}})

    def _create(self, manifest: Mapping[str, Any]) -> DryRun:
        return self.patience.ask(
            lambda seconds: dry_create(self.cluster, manifest, self.release.namespace, timeout=seconds)
        )

    def _answer(
        self, item: ManifestObject, found: DryRun, conflicts: tuple[FieldConflict, ...] = ()
    ) -> DryRunAnswer:
        accepted = found.accepted
        if found.missing:
            place = item.id.namespace or self.release.namespace
            made = place in self.namespaces
            accepted = Unknown(f"the upgrade itself makes the namespace {place}") if made else Known(False)
        hook = ",".join(item.hook)
        return DryRunAnswer(
            item.id, accepted, found.reason, found.causes, found.immutable, conflicts, hook=hook
        )


_NO_NAME = Unknown("the server makes its name")
_FOREIGN = "it exists already and does not belong to this release: Helm does not take it over without --take-ownership"
_CONFLICT = re.compile(r'(?P<path>.*?): conflict with "(?P<manager>[^"]*)".*', re.DOTALL)
_ITEM = re.compile(r'\[[^=\]]+="?(?P<first>[^",\]]*)"?(?:,[^\]]*)?\]')


def _for_people(path: str) -> str:
    """`.spec.containers[name="web"].image` as plans write it: `spec.containers[web].image`."""
    return _ITEM.sub(r"[\g<first>]", path.strip().removeprefix("."))


def _unasked(item: ManifestObject, why: str) -> Asked:
    identity: ObjectId = item.id
    return Asked(item, DryRunAnswer(identity, Unknown(why), hook=",".join(item.hook)), Unknown(why))
