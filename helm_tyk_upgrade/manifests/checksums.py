"""Checksums in pod templates (`checksum/config: <sha256>`) traced to the objects that make them change.

A chart restarts pods by putting a sum of another template into their annotations:
`checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}`. Which object that is, in
order of certainty: the template's source names the file; the sum made again from a rendered file gives the same;
else the ConfigMaps and Secrets of the same chart that change with it, which is only probable.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.change import (
    Action,
    ChecksumTrace,
    FieldChange,
    ManifestChanges,
    ObjectChange,
    ObjectId,
)

_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_DIGEST = re.compile(
    r"(?:sha\d+:)?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56,128}|[A-Za-z0-9+/_-]{27,86}={0,2})"
)
_FILE = re.compile(r"""BasePath\s+["'`]/?([^"'`]+)["'`]""")
_SOURCE = re.compile(r"^# Source: (.+?)[ \t]*$", re.MULTILINE)
_HELD = ("ConfigMap", "Secret")
# Helm trims each document before it prints it; these are the blanks that an `include` of the same file leaves around.
_EDGES = ("", "\n", "\n\n", "\n\n\n")


def trace_checksums(
    manifest: str,
    changes: ManifestChanges,
    templates: Mapping[str, bytes],
) -> tuple[ChecksumTrace, ...]:
    """Every changed digest in an annotation of a changed workload's pod template, with the changed objects it follows.

    manifest: the planned one as Helm printed it, read again only where a digest changes; templates: the new chart's
    files by their path inside the chart (`ChartFiles.files`), empty where unknown. Pure.
    """
    found = [(change, field) for change in changes.objects for field in _checksums(change)]
    if not found:
        return ()
    lengths = {len(_bare(field)) for _, field in found}
    known = _Known(templates, _changed(changes), _sums(manifest, lengths))
    return tuple(_trace(change, field, known) for change, field in found)


@dataclass(frozen=True)
class _Known:
    """sources: the chart's files; changed: the changed objects by the template they come from; made_of: the templates
    that have a sum."""

    sources: Mapping[str, bytes]
    changed: Mapping[str, tuple[ObjectChange, ...]]
    made_of: Mapping[str, frozenset[str]]


def _changed(changes: ManifestChanges) -> dict[str, tuple[ObjectChange, ...]]:
    found: dict[str, list[ObjectChange]] = {}
    for change in changes.objects:
        found.setdefault(change.template, []).append(change)
    return {template: tuple(listed) for template, listed in found.items()}


def _checksums(change: ObjectChange) -> Iterator[FieldChange]:
    """The changed annotations of its pod template whose new value is a digest."""
    for field in change.fields if change.action is Action.CHANGED else ():
        holder = field.steps[-4:-1]
        if holder == ("template", "metadata", "annotations") and is_digest(field.new):
            yield field


def is_digest(value: object) -> bool:
    """Whether an annotation's value looks like a hash: hex of a usual length, or base64 with a digit and both cases."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        return False
    signs = value.rpartition(":")[2]
    if re.fullmatch(r"[0-9a-f]+", signs):
        return True
    return all(re.search(kind, signs) for kind in ("[0-9]", "[a-z]", "[A-Z]"))


def _bare(field: FieldChange) -> str:
    return str(field.new).rpartition(":")[2]


def _trace(change: ObjectChange, field: FieldChange, known: _Known) -> ChecksumTrace:
    named = _named_files(change.template, str(field.steps[-1]), known.sources)
    causes = _of(change, named, known)
    if named or causes:
        return ChecksumTrace(change.id, field.path, causes, known=True)
    causes = _of(change, known.made_of.get(_bare(field), frozenset()), known)
    if causes:
        return ChecksumTrace(change.id, field.path, causes, known=True)
    return ChecksumTrace(change.id, field.path, _probable(change, known), known=False)


def _of(change: ObjectChange, templates: Iterable[str], known: _Known) -> tuple[ObjectId, ...]:
    """The other changed objects of these templates."""
    found = (other.id for template in sorted(templates) for other in known.changed.get(template, ()))
    return tuple(identity for identity in found if identity != change.id)


def _named_files(template: str, annotation: str, templates: Mapping[str, bytes]) -> frozenset[str]:
    """The templates that the workload's own template sums up under this annotation, as `# Source:` names them."""
    path = template.partition("/")[2]
    lines = templates.get(path, b"").decode("utf-8", "replace").splitlines()
    folder = f"{_chart(template)}/templates"
    return frozenset(
        f"{folder}/{match[1]}"
        for line in lines
        if line.strip().strip("\"'").startswith((f"{annotation}:", f'{annotation}":'))
        for match in _FILE.finditer(line)
    )


def _rendered(manifest: str) -> dict[str, str]:
    """The text that Helm printed for each template; of several documents, joined as they were written."""
    found: dict[str, list[str]] = {}
    for document in re.split(r"^---[ \t]*\n", manifest, flags=re.MULTILINE):
        source = _SOURCE.search(document)
        if source:
            found.setdefault(source[1], []).append(document[source.end() + 1 :].rstrip("\n"))
    return {template: "\n---\n".join(texts) for template, texts in found.items()}


def _sums(manifest: str, lengths: set[int]) -> dict[str, frozenset[str]]:
    """The templates by the sums of what they rendered: the whole text with the blanks that `include` may leave around
    it, or an object's data as JSON (`toJson .data`)."""
    names = [_ALGORITHMS[length] for length in lengths if length in _ALGORITHMS]
    found: dict[str, set[str]] = {}
    for template, text in _candidates(manifest) if names else ():
        for name in names:
            digest = hashlib.new(
                name, text.encode("utf-8", "surrogatepass"), usedforsecurity=False
            ).hexdigest()
            found.setdefault(digest, set()).add(template)
    return {digest: frozenset(templates) for digest, templates in found.items()}


def _candidates(manifest: str) -> Iterator[tuple[str, str]]:
    for template, text in _rendered(manifest).items():
        for before in ("", "---\n", *_EDGES[1:]):
            for after in _EDGES:
                yield template, f"{before}{text}{after}"
    for item in split(manifest):
        data = item.data.get("data") if item.id.kind in _HELD else None
        if data:
            yield item.template, json.dumps(data, sort_keys=True, separators=(",", ":"))


def _probable(change: ObjectChange, known: _Known) -> tuple[ObjectId, ...]:
    """The ConfigMaps and Secrets of the workload's own chart that change in more than a label."""
    chart = _chart(change.template)
    return tuple(
        other.id
        for template, others in known.changed.items()
        if _chart(template) == chart
        for other in others
        if other.id.kind in _HELD and not all(field.cosmetic for field in other.fields)
    )


def _chart(template: str) -> str:
    """The folder of the chart or subchart that a template belongs to."""
    return template.rpartition("/templates/")[0]
