"""`backup diff`: what differs between two bundles, or between a bundle and what is true now."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.errors import Exit, NotFound, UsageError
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.report.text_diff import unified
from helm_tyk_upgrade.store.bundle import BundleInfo, contents
from helm_tyk_upgrade.targets.bundle_compare import Differences, Side, differences


def diff(context: Context, old: BundleInfo, new: BundleInfo | None, output: str, *, detailed: bool) -> int:
    """new: None for what is true now. detailed: exit code 2 where something differs, 6 where a part cannot be told."""
    if new is not None and (old.namespace, old.release) != (new.namespace, new.release):
        raise UsageError(
            f"{old.id} is of {old.namespace}/{old.release}, {new.id} of {new.namespace}/{new.release}"
        )
    before = side_of(old)
    after = side_of(new) if new is not None else side_now(context, old)
    found = differences(before, after)
    _learn(context, before, after, found)
    if output == "json":
        context.out(_document(context, before, after, found))
    else:
        _show(context, before, after, found)
    if not detailed:
        return Exit.OK
    if found.any:
        return Exit.CHANGES_PENDING
    return Exit.INCONCLUSIVE if found.unknown else Exit.OK


def side_of(info: BundleInfo) -> Side:
    """Every file, checked by its digest. Raises TykUpgradeError for a damaged one."""
    return Side(
        f"bundle {info.id}",
        info.namespace,
        {entry["name"]: contents(info, entry["name"]) for entry in info.files},
        {entry["name"]: entry["origin"] for entry in info.origins()},
        info.facts,
    )


def side_now(context: Context, info: BundleInfo) -> Side:
    """What a bundle made now of the same release and files would hold; a file that is gone is left out."""
    from helm_tyk_upgrade.targets.release import ReleaseTarget

    files = []
    for entry in info.origins():
        with suppress(NotFound):
            now = read_file(Path(entry["origin"]), what="values file")
            files.append(ValuesFile(entry["origin"], now.data, now.digest, now.mode))
    release = context.helm.release(info.release, info.namespace)
    found = ReleaseTarget(context, release).bundle_contents(tuple(files))
    return Side(
        "now",
        info.namespace,
        {file.name: file.data for file in found.files},
        {file.name: file.origin for file in found.files if file.origin},
        found.facts,
        found.missing,
    )


def _learn(context: Context, before: Side, after: Side, found: Differences) -> None:
    """The masker must know the secrets of both sides before anything is shown."""
    import json

    from helm_tyk_upgrade.report.masking import learn_objects
    from helm_tyk_upgrade.targets.bundle_contents import VALUES

    for side in (before, after):
        context.masker.learn_tree(json.loads(side.files.get(VALUES, b"null")))
    if isinstance(found.objects, Known):
        learn_objects(context.masker, found.objects.value.objects)


def _show(context: Context, before: Side, after: Side, found: Differences) -> None:
    from helm_tyk_upgrade.report.detail import Detail
    from helm_tyk_upgrade.report.objects import show_objects
    from helm_tyk_upgrade.report.page import Page

    text = context.masker.text
    context.out(f"{before.name} -> {after.name}")
    for name, old, new in found.facts:
        context.out(text(f"{name}: {old or '(none)'} -> {new or '(none)'}"))
    for file in found.files:
        context.out("\n".join(unified(file.name.lstrip("/"), file.before, file.after, context.masker)))
    if isinstance(found.objects, Known) and found.objects.value.objects:
        page = Page(context.width)
        show_objects(page, found.objects.value, context.masker, Detail(frozenset({"diff"})))
        context.out(page.render(colour=context.color))
    if isinstance(found.definitions, Known):
        for one in found.definitions.value:
            where = f" ({', '.join(one.paths)})" if one.paths else ""
            context.out(text(f"{one.kind} {one.id} {one.name}: {one.what}{where}"))
    for reason in found.unknown:
        context.out(text(f"unknown: {reason}"))
    if not found.any and not found.unknown:
        context.out("no difference")


def _document(context: Context, before: Side, after: Side, found: Differences) -> str:
    from helm_tyk_upgrade.report.json_objects import manifest_data
    from helm_tyk_upgrade.report.listings import document

    definitions: list[dict[str, Any]] = []
    if isinstance(found.definitions, Known):
        definitions = [{**one.__dict__, "paths": list(one.paths)} for one in found.definitions.value]
    objects = manifest_data(found.objects.value, context.masker) if isinstance(found.objects, Known) else None
    files = [
        {
            "file": file.name,
            "diff": list(unified(file.name.lstrip("/"), file.before, file.after, context.masker)),
        }
        for file in found.files
    ]
    return document(
        "BundleDiff",
        context.masker,
        old=before.name,
        new=after.name,
        differs=found.any,
        facts=[{"fact": name, "old": old, "new": new} for name, old, new in found.facts],
        files=files,
        manifest=objects,
        definitions=definitions,
        unknown=list(found.unknown),
    )
