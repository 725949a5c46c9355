"""`backup restore`: values files back to the bytes they had; `--check` shows that what is kept can be put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helm_tyk_upgrade.context import Context, run_id
from helm_tyk_upgrade.edge.files import FileBytes, private_folder, read_file, sha256, write_atomic
from helm_tyk_upgrade.errors import Exit, NotFound, TykUpgradeError
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.store.bundle import BundleInfo, contents, verify


def restore(context: Context, info: BundleInfo, *, check: bool, to: str, yes: bool) -> int:
    """check: compare only, definitions too: exit code 2 where something differs, 6 where that cannot be told. to: a
    folder to write into instead of the files' places."""
    verify(info)
    differing = [entry for entry in info.origins() if not _same(entry, to)]
    if check or not differing:
        for entry in info.origins():
            state = "differs" if entry in differing else "is the same"
            context.out(f"{context.masker.text(_place(entry, to).as_posix())} {state}")
        code = Exit.CHANGES_PENDING if differing else Exit.OK
        return _check_definitions(context, info, code) if check else code
    places = context.masker.text(", ".join(str(_place(entry, to)) for entry in differing))
    if not yes and not _confirmed(context, places):
        raise TykUpgradeError(f"not restored: {places}", "give --yes, or --check to compare only")
    for number, entry in enumerate(differing, start=1):
        _put_back(context, info, entry, _place(entry, to), number)
    return Exit.OK


def _check_definitions(context: Context, info: BundleInfo, code: Exit) -> Exit:
    """The exit code, with what the gateway holds now taken in: `rollback --restore-apis` posts what its pods lack."""
    from helm_tyk_upgrade.targets.bundle_compare import inventory_of
    from helm_tyk_upgrade.targets.definitions import FILE

    if not any(entry["name"] == FILE for entry in info.files):
        context.out("API definitions and policies: none are in the bundle")
        return code
    saved = inventory_of(contents(info, FILE), f"bundle {info.id}")
    held = f"{len(saved.apis)} APIs and {len(saved.policies)} policies"
    context.out(f"API definitions and policies: {held} can be read back")
    lines = _compared(context, info)
    if isinstance(lines, Unknown):
        context.out(f"unknown whether the gateway has them now: {context.masker.text(lines.reason)}")
        return Exit.INCONCLUSIVE if code is Exit.OK else code
    for line in lines:
        context.out(context.masker.text(line))
    if not lines:
        context.out("the gateway has the same now")
    return Exit.CHANGES_PENDING if lines else code


def _compared(context: Context, info: BundleInfo) -> list[str] | Unknown:
    """What the gateway has otherwise than the bundle, a line each."""
    from helm_tyk_upgrade.targets.bundle_compare import compare_inventories
    from helm_tyk_upgrade.targets.definitions import saved_inventory
    from helm_tyk_upgrade.targets.release import ReleaseTarget

    try:
        stored = context.helm.stored(info.release, info.namespace)
        now = ReleaseTarget(context, stored.release).read_baseline(stored.manifest).inventory
    except TykUpgradeError as error:
        return Unknown(error.message)
    if isinstance(now, Unknown):
        return now
    found = compare_inventories(saved_inventory(info.path), now.value)
    words = {"added": "is not in the bundle", "removed": "is missing in the gateway", "changed": "differs"}
    return [f"{one.kind} {one.id} {one.name} {words[one.what]}" for one in found]


def _put_back(context: Context, info: BundleInfo, entry: dict[str, Any], place: Path, number: int) -> None:
    """The bytes that are there go nowhere: they may be edits that exist in no other place."""
    _make_folder(place.parent)
    try:
        now = read_file(place, what="values file")
    except NotFound:
        now = None
    kept = _keep(context, now, number) if now is not None else ""
    digest = now.digest if now is not None else None
    write_atomic(place, contents(info, entry["name"]), mode=int(entry["mode"], 8), expected_digest=digest)
    context.out(f"restored {context.masker.text(str(place))}")
    if kept:
        context.say(f"The bytes that were there are in {context.masker.text(kept)}")


def _keep(context: Context, now: FileBytes, number: int) -> str:
    folder = private_folder(private_folder(context.state_folder / "replaced") / run_id(context.clock))
    place = folder / f"{number:02d}-{now.path.name}"
    write_atomic(place, now.data, mode=0o600)
    return str(place)


def _place(entry: dict[str, Any], folder: str) -> Path:
    """In another folder by the name in the bundle (`01-values.yaml`): two files may both be a values.yaml."""
    return Path(folder) / Path(entry["name"]).name if folder else Path(entry["origin"])


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TykUpgradeError(f"cannot make the folder {folder}: {error.strerror}") from error


def _same(entry: dict[str, Any], folder: str) -> bool:
    try:
        return sha256(_place(entry, folder).read_bytes()) == str(entry["sha256"])
    except FileNotFoundError:
        return False
    except OSError as error:
        raise TykUpgradeError(f"{_place(entry, folder)} cannot be read: {error.strerror}") from error


def _confirmed(context: Context, places: str) -> bool:
    from helm_tyk_upgrade.verbs.ask import confirm

    return context.can_ask and confirm(context, f"Overwrite {places}?")
