"""Can any template read a key? Asked of the chart's own templates; never *dead* without proof."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.model.change import ABSENT, Path
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.values.gotemplate import Block, Node, TemplateError, parse
from helm_tyk_upgrade.values.paths import lookup
from helm_tyk_upgrade.values.reads import Reads, Walker
from helm_tyk_upgrade.values.template_data import Keys, Root

_TEMPLATE = re.compile(r"(?P<chart>.*?)(?:^|/)templates/(?P<name>.+)$")
_SUBCHART = re.compile(r"(?:^|/)charts/([^/]+)")
_API_VERSION = re.compile(r"""["`]((?:[a-z0-9.-]+/)?v[0-9]+(?:(?:alpha|beta)[0-9]+)?(?:/[A-Z]\w*)?)["`]""")


def readers(
    templates: Mapping[str, str],
    path: Path,
    defaults: Mapping[str, Any] | None = None,
    effective: Mapping[str, Any] | None = None,
) -> Maybe[tuple[str, ...]]:
    """The template files that can read the value at a path, none if the key is dead; unknown where the
    templates alone do not tell. For many paths of one chart take `reader`.

    Raises UnreadableYaml for a Chart.yaml that Helm cannot read either.

    templates: file -> text of a chart and its subcharts, named as in the chart's archive (`templates/a.yaml`,
    `charts/NAME/templates/b.yaml`, with or without the chart's own folder in front); its Chart.yaml files say
    under which names subcharts get their values and which keys switch them on. defaults: the chart's values;
    effective: those Helm ends up with, looked through for templates where the chart calls `tpl`.
    """
    return reader(templates, defaults, effective)(path)


def reader(
    templates: Mapping[str, str],
    defaults: Mapping[str, Any] | None = None,
    effective: Mapping[str, Any] | None = None,
) -> Reader:
    """`readers` with the chart read once."""
    chart = _subcharts(templates)
    return Reader(_read_chart(templates, chart, effective), chart, defaults or {})


def template_texts(chart: ChartFiles) -> dict[str, str]:
    """What `readers` takes: the templates and Chart.yaml files of a chart and its subcharts."""
    return {
        path: data.decode("utf-8", "replace")
        for path, data in chart.files.items()
        if path in chart.templates or path.rpartition("/")[2] == "Chart.yaml"
    }


def api_versions(templates: Mapping[str, str]) -> tuple[str, ...]:
    """The API versions that the templates name, with kind or without (`monitoring.coreos.com/v1`): what a cluster
    must have for `.Capabilities.APIVersions.Has` to be true, however they ask it."""
    asking = any("APIVersions" in text for text in templates.values())
    found = {name for text in templates.values() for name in _API_VERSION.findall(text)} if asking else set()
    return tuple(sorted(found))


def is_empty(value: Any) -> bool:
    """What the templates' `default` replaces: false, 0, empty text, list and map, null."""
    return not value


@dataclass(frozen=True)
class Reader:
    """What the templates of one chart read. Called with a path: as `readers`."""

    reads: Reads
    chart: _Subcharts
    defaults: Mapping[str, Any] = field(repr=False)

    def __call__(self, path: Path) -> Maybe[tuple[str, ...]]:
        return _readers(self.reads, self.chart, self.defaults, path)

    def readable(self, path: Path) -> Maybe[bool]:
        """Whether anything reads a path, as `overrides` asks it."""
        found = self(path)
        return found if isinstance(found, Unknown) else Known(bool(found.value))

    def taken_whole(self, path: Path) -> Path:
        """The map with the path in it that a template takes whole, where nothing reads the path otherwise; else ()."""
        keys = _of_global(tuple(str(step) for step in path), self.chart)
        places = self.reads.whole.keys()
        if any(place[: len(keys)] == keys for place in places):
            return ()
        return max((place for place in places if keys[: len(place)] == place), key=len, default=())

    def instead(self, path: Path) -> str:
        """What `default` puts in place of an empty value, as the templates write it; "" unless every template that
        can see the value does so with the same constant."""
        keys = _of_global(tuple(str(step) for step in path), self.chart)
        found = self.reads.replaced.get(keys, set())
        if len(found) != 1 or keys in self.reads.plain or keys in self.reads.tested or self.reads.unknown:
            return ""
        others = self.reads.whole.keys() - {keys}
        if any(way[: len(keys)] == keys or keys[: len(way)] == way for way in others):
            return ""
        return next(iter(found))


def subchart_places(templates: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the umbrella's values have those of its subcharts, by name or alias, nested ones too."""
    names = _subcharts(templates).names
    return tuple(
        (*prefix, str(dependency.get("alias") or dependency.get("name") or ""))
        for above, dependency in _dependencies(templates)
        for prefix in _prefixes("".join(f"charts/{folder}/" for folder in above), names)
    )


@dataclass(frozen=True)
class _Subcharts:
    """names: folder -> keys under which its values are; prefixes: of all charts that were read; switches:
    keys that turn subcharts on; missing: declared, but without a template here; unknown: what stays open."""

    names: Mapping[str, tuple[str, ...]]
    prefixes: frozenset[Keys]
    switches: tuple[Keys, ...]
    missing: frozenset[str]
    unknown: tuple[str, ...]


def _readers(
    reads: Reads, chart: _Subcharts, defaults: Mapping[str, Any], path: Path
) -> Maybe[tuple[str, ...]]:
    keys = _of_global(tuple(str(step) for step in path), chart)
    found: set[str] = set()
    for place, files in reads.whole.items():
        # read with all below it, or something below the key is read
        if keys[: len(place)] == place or place[: len(keys)] == keys:
            found |= files
    for place, files in reads.tested.items():
        if place[: len(keys)] == keys:
            found |= files
    if found:
        return Known(tuple(sorted(found)))
    if chart.missing and keys[0] in chart.missing | {"global"}:
        return Unknown(f"the templates of the subchart {min(chart.missing)} were not read")
    if reads.unknown:
        return Unknown(reads.unknown[0])
    for place, files in reads.tested.items():
        # With a key of its own in it, an empty map would no longer be empty.
        if keys[: len(place)] == place and lookup(defaults, place) in (ABSENT, None, {}, [], ""):
            return Unknown(f"{min(files)} tests whether {'.'.join(place)} is empty")
    return Known(())


def _of_global(keys: Keys, chart: _Subcharts) -> Keys:
    """`global` below a subchart's key is merged into the umbrella's for that subchart."""
    for prefix in chart.prefixes:
        if keys[: len(prefix) + 1] == (*prefix, "global"):
            return keys[len(prefix) :]
    return keys


def _read_chart(
    templates: Mapping[str, str], chart: _Subcharts, effective: Mapping[str, Any] | None
) -> Reads:
    parsed: dict[str, list[Node]] = {}
    broken = list(chart.unknown)
    for file, text in templates.items():
        if _TEMPLATE.match(file):
            try:
                parsed[file] = parse(text)
            except TemplateError as error:
                broken.append(f"{file} cannot be read: {error}")
    walker = Walker(_defines(parsed.values()))
    for file, nodes in parsed.items():
        match = _TEMPLATE.match(file)
        if match and not match["name"].rpartition("/")[2].startswith("_"):
            for prefix in _prefixes(match["chart"], chart.names):
                walker.run(file, nodes, frozenset((Root(prefix),)))
    reads = walker.reads
    for keys in chart.switches:
        reads.whole.setdefault(keys, set()).add("Chart.yaml")
    if reads.uses_tpl:
        _read_values(walker, chart, effective)
        if reads.helper_prints_file and reads.renders_helper:
            broken.append("the chart renders what its helpers print, and those print files")
    reads.unknown.extend(broken)
    return reads


def _read_values(walker: Walker, chart: _Subcharts, effective: Mapping[str, Any] | None) -> None:
    """Where a chart calls `tpl`, the values themselves may hold templates."""
    if effective is None:
        walker.reads.unknown.append("the chart renders templates out of its values (tpl)")
        return
    for path, text in _texts(effective):
        if "{{" not in text:
            continue
        place = ".".join(map(str, path))
        try:
            nodes = parse(text)
        except TemplateError:
            walker.reads.unknown.append(f"the value at {place} holds a part of a template")
            continue
        for prefix in chart.prefixes:
            if path[: len(prefix)] == prefix:
                walker.run(f"values at {place}", nodes, frozenset((Root(prefix),)))
        for context in tuple(walker.reads.contexts):
            walker.run(f"values at {place}", nodes, context)


def _texts(tree: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, (dict, list)):
        for key, item in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _texts(item, (*path, key))


def _defines(files: Iterable[list[Node]]) -> dict[str, list[Node]]:
    """All named templates. Of two with one name Helm takes one: here both count."""
    found: dict[str, list[Node]] = {}
    for nodes in files:
        for name, body in _defined(nodes):
            found[name] = [*found.get(name, ()), *body]
    return found


def _defined(nodes: Iterable[Node]) -> Iterator[tuple[str, list[Node]]]:
    for node in nodes:
        if isinstance(node, Block):
            if node.name:
                yield node.name, node.body
            yield from _defined((*node.body, *node.otherwise))


def _subcharts(templates: Mapping[str, str]) -> _Subcharts:
    names: dict[str, tuple[str, ...]] = {}
    switches: list[Keys] = [("tags",)]
    unknown = []
    for above, dependency in _dependencies(templates):
        name = str(dependency.get("name", ""))
        names[name] = (*names.get(name, ()), str(dependency.get("alias") or name))
        conditions = str(dependency.get("condition") or "").split(",")
        switches.extend((*above, *each.strip().split(".")) for each in conditions if each.strip())
        if dependency.get("import-values"):
            unknown.append(f"the chart imports values from {name}")
    charts = {match["chart"] for match in map(_TEMPLATE.match, templates) if match}
    folders = {folder for chart in charts for folder in _SUBCHART.findall(chart)}
    prefixes = frozenset(prefix for chart in charts for prefix in _prefixes(chart, names))
    missing = frozenset(key for name, keys in names.items() if name not in folders for key in keys)
    return _Subcharts(names, prefixes | {()}, tuple(switches), missing, tuple(unknown))


def _dependencies(templates: Mapping[str, str]) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """The dependencies of all Chart.yaml files, with the subchart folders above each."""
    for file, text in templates.items():
        if file.rpartition("/")[2] == "Chart.yaml":
            listed: Any = helmyaml.read(text.encode(), 3).get("dependencies")
            for dependency in listed if isinstance(listed, list) else []:
                if isinstance(dependency, dict):
                    yield tuple(_SUBCHART.findall(file)), dependency


def _prefixes(chart: str, names: Mapping[str, tuple[str, ...]]) -> list[Keys]:
    """Where a chart folder's values are in the umbrella's: `charts/a/charts/b` under a.b, for each alias."""
    found: list[Keys] = [()]
    for folder in _SUBCHART.findall(chart):
        found = [(*prefix, name) for prefix in found for name in names.get(folder, (folder,))]
    return found
