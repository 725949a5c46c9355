"""What Helm printed -> records. Pure. Both majors; noise around the JSON is tolerated.

Helm writes more than JSON to standard output at times: "Release tyk has been cancelled.", warnings of
plugins, log lines of client-go. So the JSON value is looked for, not taken for granted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from helm_tyk_upgrade.errors import HelmError
from helm_tyk_upgrade.model.chart import ChartVersion
from helm_tyk_upgrade.model.release import ApplyMethod, HelmVersion, Release, Rendered, Revision, Stored
from helm_tyk_upgrade.model.version import is_prerelease

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)\S*")
_CHART_LABEL = re.compile(r"^(?P<name>.+?)-(?P<version>v?\d+\.\d+\.\d+\S*)$")
_APPLY: dict[str, ApplyMethod] = {"ssa": "server-side apply", "csa": "client-side apply"}
_APPLY.update({"server-side apply": "server-side apply", "client-side apply": "client-side apply"})

STORED_TEMPLATE = (
    # Go's template language has no JSON, but it can walk a tree and write every text in hex, which needs no
    # quoting. One call instead of four, and all its parts are of the same revision.
    '{{define "v"}}{{$t := printf "%T" .}}'
    '{{if eq $t "map[string]interface {}"}}{ '
    '{{$c := ""}}{{range $k, $v := .}}{{$c}}"{{printf "%x" $k}}":{{template "v" $v}}{{$c = ","}}{{end}}}'
    '{{else if eq $t "[]interface {}"}}['
    '{{$c := ""}}{{range .}}{{$c}}{{template "v" .}}{{$c = ","}}{{end}}]'
    '{{else if eq $t "string"}}"{{printf "%x" .}}"'
    '{{else if eq $t "<nil>"}}null{{else}}{{printf "%v" .}}{{end}}{{end}}'
    '{{with .Release}}{"name":"{{printf "%x" .Name}}","namespace":"{{printf "%x" .Namespace}}",'
    '"revision":{{.Version}},"status":"{{printf "%x" (printf "%s" .Info.Status)}}",'
    '"chart":"{{printf "%x" .Chart.Metadata.Name}}","version":"{{printf "%x" .Chart.Metadata.Version}}",'
    '"apply":"APPLY","manifest":"{{printf "%x" .Manifest}}",'
    '"hooks":[{{$c := ""}}{{range .Hooks}}{{$c}}'
    '["{{printf "%x" .Path}}","{{printf "%x" .Manifest}}"]{{$c = ","}}{{end}}],'
    '"values":{{if .Config}}{{template "v" .Config}}{{else}}null{{end}}}{{end}}'
)


def stored_template(major: int) -> str:
    """The Go template for `helm get all --template`; Helm 3 keeps no apply method."""
    return STORED_TEMPLATE.replace("APPLY", '{{printf "%x" .ApplyMethod}}' if major >= 4 else "")


def helm_version(output: bytes) -> HelmVersion:
    """`v3.19.0` of `helm version --template`. Raises HelmError when there is no version in it."""
    text = output.decode("utf-8", "replace").strip()
    match = _VERSION.search(text)
    if match is None:
        raise HelmError("helm does not tell its version", "is HELM_BIN really Helm?")
    return HelmVersion(match[0], int(match[1]), int(match[2]), int(match[3]))


def values_of(output: bytes, *, what: str, fits: Callable[[Any], bool]) -> Any:
    """The first JSON value that stands at the start of a line and is of the shape of Helm's answer: noise may be JSON
    too (log lines of credential plugins, `[1] 4711` of a shell). Raises HelmError if there is none."""
    text = output.decode("utf-8", "replace")
    other = ""
    end = 0
    for start in _starts(text):
        if start < end:  # inside a value that was read
            continue
        try:
            value, end = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError:
            continue
        if fits(value):
            return value
        other = ", only other JSON"
    raise HelmError(
        f"{what}: helm printed no answer{other}",
        "run the same helm command with -o json to see what it prints",
    )


def _has(*keys: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(key in value for key in keys)


def _lists(*keys: str) -> Callable[[Any], bool]:
    """A list of objects with these keys; Helm writes an empty one as `[]` or `null`."""
    one = _has(*keys)
    return lambda value: value is None or (isinstance(value, list) and all(one(item) for item in value))


_DECODER = json.JSONDecoder()


def _starts(text: str) -> Iterator[int]:
    for match in re.finditer(r"^\s*(?=[\[{]|null\b)", text, re.MULTILINE):
        yield match.end()


def metadata_document(output: bytes) -> dict[str, Any]:
    """`helm get metadata -o json`, whole."""
    return dict(values_of(output, what="helm get metadata", fits=_has("name", "revision", "status")))


def metadata(output: bytes) -> Release:
    """The same as a record."""
    data = metadata_document(output)
    return Release(
        name=str(data.get("name", "")),
        namespace=str(data.get("namespace", "")),
        revision=int(data.get("revision", 0)),
        status=str(data.get("status", "unknown")),
        chart=str(data.get("chart", "")),
        chart_version=str(data.get("version", "")),
        apply_method=apply_method(str(data.get("applyMethod", ""))),
    )


def apply_method(text: str) -> ApplyMethod:
    """Helm 4's `ssa` and `csa`; empty for Helm 3, which tells neither."""
    return _APPLY.get(text, "")


def releases(output: bytes) -> tuple[Release, ...]:
    """`helm list -o json`. Chart name and version come in one label, `tyk-oss-5.3.0`, and are told apart by
    the first part that is a version; the revision is text."""
    found = []
    for item in _items(output, "helm list", "name", "chart"):
        name, version = chart_label(str(item.get("chart", "")))
        found.append(
            Release(
                name=str(item.get("name", "")),
                namespace=str(item.get("namespace", "")),
                revision=int(item.get("revision", 0)),
                status=str(item.get("status", "unknown")),
                chart=name,
                chart_version=version,
            )
        )
    return tuple(found)


def chart_label(label: str) -> tuple[str, str]:
    """`tyk-oss-5.3.0-rc1` -> (`tyk-oss`, `5.3.0-rc1`); without a version the whole label is the name."""
    match = _CHART_LABEL.match(label)
    return (match["name"], match["version"]) if match else (label, "")


def history(output: bytes) -> tuple[Revision, ...]:
    """`helm history -o json`, oldest first."""
    found = [
        Revision(
            revision=int(item.get("revision", 0)),
            status=str(item.get("status", "unknown")),
            chart=str(item.get("chart", "")),
            updated=str(item.get("updated", "")),
            description=str(item.get("description", "")),
        )
        for item in _items(output, "helm history", "revision", "status")
    ]
    return tuple(sorted(found, key=lambda revision: revision.revision))


def stored(output: bytes) -> Stored:
    """What `helm get all` printed under STORED_TEMPLATE. Raises HelmError for anything else."""
    data = values_of(output, what="helm get all", fits=_has("name", "revision", "manifest"))
    try:
        release = Release(
            name=_text(data["name"]),
            namespace=_text(data["namespace"]),
            revision=int(data["revision"]),
            status=_text(data["status"]),
            chart=_text(data["chart"]),
            chart_version=_text(data["version"]),
            apply_method=apply_method(_text(data["apply"])),
        )
        hooks = [(_text(path), _text(manifest)) for path, manifest in data["hooks"]]
        return Stored(release, _texts(data["values"]), _text(data["manifest"]), hooks_text(hooks))
    except (KeyError, TypeError, ValueError) as error:
        raise HelmError(
            "helm get all: its answer is not understood", "report it with your Helm version"
        ) from error


def rendered(output: bytes) -> Rendered:
    """The release object of `helm upgrade -o json`, real or dry run. `info.deleted`, `apply_method`,
    `modtime` come and go with the major and are not read; `chart` (with all templates) is left aside."""
    data = values_of(output, what="helm upgrade", fits=_has("manifest"))
    info = data.get("info") or {}
    hooks = [(str(hook.get("path", "")), str(hook.get("manifest", ""))) for hook in data.get("hooks") or []]
    return Rendered(
        manifest=str(data["manifest"]),
        hooks=hooks_text(hooks),
        notes=str(info.get("notes", "")),
        revision=int(data.get("version", 0)),
        status=str(info.get("status", "")),
    )


def hooks_text(hooks: list[tuple[str, str]]) -> str:
    """Hooks as `helm get hooks` writes them: one document each, with its template as `# Source:`."""
    return "".join(f"---\n# Source: {path}\n{manifest}\n" for path, manifest in hooks)


def repositories(output: bytes) -> dict[str, str]:
    """`helm repo list -o json`: name -> URL."""
    return {
        str(item.get("name", "")): str(item.get("url", ""))
        for item in _items(output, "helm repo list", "name", "url")
    }


def search(output: bytes, reference: str) -> tuple[ChartVersion, ...]:
    """`helm search repo REPO/NAME --versions -o json`: the versions of exactly that chart (the search
    itself is fuzzy). No digest, no time: Helm shows neither."""
    return tuple(
        ChartVersion(str(item.get("version", "")), prerelease=is_prerelease(str(item.get("version", ""))))
        for item in _items(output, "helm search repo", "name", "version")
        if item.get("name") == reference
    )


def _items(output: bytes, what: str, *keys: str) -> list[dict[str, Any]]:
    return values_of(output, what=what, fits=_lists(*keys)) or []


def _text(hexadecimal: str) -> str:
    return bytes.fromhex(hexadecimal).decode("utf-8", "replace")


def _texts(value: Any) -> Any:
    """A tree whose texts and keys are hex, as plain text. Helm holds every number as a float and prints
    whole ones up to 2^53 without a fraction; so do we."""
    if isinstance(value, dict):
        return {_text(key): _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return int(value)
    return value
