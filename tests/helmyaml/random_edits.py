"""Random edits of real files, and a check of the result that does not use the editor's own positions."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from helm_tyk_upgrade.helmyaml import Document, Path, Refused, read

KINDS = ("set", "bump", "insert", "delete", "rename", "move", "insert item", "delete item")
STRINGS = [
    *"yes on off y No 5.10 1.30 0777 0o7 1e3 1e400 1:30 2001-12-14 null ~ = << - ? @x {a} [b] a,b a:".split(),
    *["v5.3.0", "5.3.0", "10Gi", "a: b # c", "x\ny\n", "x\n\n y", "é–☃", " lead", "trail ", "", "'q'", '"d"'],
    *["tab\there", "\x07", "😀"],
]


@dataclass
class Tally:
    """What became of the edits of one kind."""

    tried: int = 0
    right: int = 0
    refused: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def paths(data: Any, above: Path = ()) -> Iterator[Path]:
    """Every path below the top."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*above, key)
        yield from paths(value, (*above, key))


def value_at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def random_value(rng: random.Random, deep: bool = True) -> Any:
    pick = rng.random()
    if pick < 0.5:
        return rng.choice(STRINGS)
    if pick < 0.8 or not deep:
        return rng.choice([True, False, 0, 1, -7, 8080, 1.5, 1e21, None, {}, []])
    inner = random_value(rng, False)
    return rng.choice(
        [{"k": inner, "on": [inner, {"z": inner}]}, [inner, {"p": inner, "q": {"r": inner}}], [[inner]]]
    )


def as_read(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_read(below) for key, below in value.items()}
    if isinstance(value, list):
        return [as_read(below) for below in value]
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Pick:
    """One edit, ready to be made: `path` is what it is about (for an insertion: the container)."""

    kind: str
    path: Path
    value: Any = None
    name: Any = None
    to: Path = ()

    def make(self, batch: Document, expand: bool = False, document: int = 0) -> None:
        if self.kind in ("set", "bump"):
            batch.set(self.path, self.value, expand=expand, document=document)
        elif self.kind in ("insert", "insert item"):
            batch.insert(self.path, self.name, self.value, expand=expand, document=document)
        elif self.kind in ("delete", "delete item"):
            batch.delete(self.path, expand=expand, document=document)
        elif self.kind == "rename":
            batch.rename(self.path, self.name, expand=expand, document=document)
        else:
            batch.move(self.path, self.to, expand=expand, document=document)

    def expected(self, before: Any) -> Any:
        data = copy.deepcopy(before)
        inside = value_at(data, self.path[:-1]) if self.path else data
        if self.kind in ("set", "bump"):
            inside[self.path[-1]] = as_read(self.value)
        elif self.kind == "insert":
            here = value_at(data, self.path)
            if here is None:
                inside[self.path[-1]] = {self.name: as_read(self.value)}
            else:
                here[self.name] = as_read(self.value)
        elif self.kind == "insert item":
            value_at(data, self.path).insert(self.name, as_read(self.value))
        elif self.kind in ("delete", "delete item"):
            del inside[self.path[-1]]
        elif self.kind == "rename":
            inside[self.name] = inside.pop(self.path[-1])
        else:
            moved = inside.pop(self.path[-1])
            for part in self.to[:-1]:
                if data.get(part) is None:
                    data[part] = {}
                data = data[part]
            data[self.to[-1]] = moved
            return None
        return data


def pick(kind: str, data: Any, rng: random.Random) -> Pick | None:
    """A random edit of a kind, or None where the data has no place for it."""
    every = list(paths(data))
    maps = [
        (),
        *(path for path in every if isinstance(value_at(data, path), dict) or value_at(data, path) is None),
    ]
    keyed = [path for path in every if isinstance(path[-1], str)]
    items = [path for path in every if isinstance(path[-1], int)]
    name = rng.choice(["zzNew", "on", "a.b", "1.5", "x y", "zz-new", "ключ"])
    if kind == "set" and every:
        return Pick(kind, rng.choice(every), random_value(rng))
    if kind == "bump":
        tags = [path for path in keyed if re.search(r"(?i)tag|version|image", str(path[-1]))]
        scalars = [path for path in tags if not isinstance(value_at(data, path), (dict, list))]
        return (
            Pick(kind, rng.choice(scalars), rng.choice(["v5.9.1", "5.10", "1.30", "latest"]))
            if scalars
            else None
        )
    if kind == "insert":
        return Pick(kind, rng.choice(maps), random_value(rng), name + str(rng.randrange(9)))
    if kind == "delete" and keyed:
        return Pick(kind, rng.choice(keyed))
    if kind == "rename" and keyed:
        return Pick(kind, rng.choice(keyed), None, name + "R")
    if kind == "move" and keyed:
        return _pick_move(data, keyed, maps, rng)
    if kind == "insert item":
        lists = [path for path in every if isinstance(value_at(data, path), list)]
        if lists:
            path = rng.choice(lists)
            return Pick(kind, path, random_value(rng), rng.randint(0, len(value_at(data, path))))
    if kind == "delete item" and items:
        return Pick(kind, rng.choice(items))
    return None


def _pick_move(data: Any, keyed: list[Path], maps: list[Path], rng: random.Random) -> Pick | None:
    home = [path for path in maps if all(isinstance(part, str) for part in path)]
    for _ in range(20):
        path, to = rng.choice(keyed), rng.choice(home)
        extra = rng.choice([("zzMoved",), ("zzDeep", "zzMoved")])
        if to[: len(path)] != path and path[:-1] != to:
            return Pick("move", path, to=(*to, *extra))
    return None


def wrong_because(before: bytes, after: bytes, pick: Pick, majors: tuple[int, ...]) -> str:
    """Why the result is not right; "" when it is. Data by `read`, lines by PyYAML's own node marks."""
    for major in majors:
        old = read(before, major)
        if pick.kind == "move":
            expected = copy.deepcopy(old)
            pick.expected(expected)
            expected = _moved(old, pick)
        else:
            expected = pick.expected(old)
        if not same(expected, read(after, major)):
            return f"Helm {major} reads something else"
    return lines_touched(before, after, pick)


def _moved(old: Any, pick: Pick) -> Any:
    data = copy.deepcopy(old)
    inside = value_at(data, pick.path[:-1])
    moved = inside.pop(pick.path[-1])
    here: Any = data
    for part in pick.to[:-1]:
        if here.get(part) is None:
            here[part] = {}
        here = here[part]
    here[pick.to[-1]] = moved
    return data


def same(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)


def lines_touched(before: bytes, after: bytes, pick: Pick) -> str:
    """Which lines outside the edited node changed ("" for none)."""
    mark = b"\xef\xbb\xbf"
    if before.startswith(mark) != after.startswith(mark):
        return "the byte order mark changed"
    before, after = before.removeprefix(mark), after.removeprefix(mark)
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if pick.kind == "move":
        return _move_touched(old, new, pick, before)
    low, high = _allowed(before, old, pick)
    if low == high:  # nothing but new lines, anywhere
        if not before.endswith(b"\n"):  # the old last line gets a line ending
            old, new = [line.rstrip(b"\r\n") for line in old], [line.rstrip(b"\r\n") for line in new]
        return "" if _common(old, new) + _common(old[::-1], new[::-1]) >= len(old) else "an old line changed"
    below = len(old) - high
    if len(new) < low + below or new[:low] != old[:low] or new[len(new) - below :] != old[high:]:
        return f"lines outside {low + 1}-{high} changed"
    return ""


def _common(left: list[bytes], right: list[bytes]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _allowed(before: bytes, old: list[bytes], pick: Pick) -> tuple[int, int]:
    """The old lines an edit may touch: those of its node; for a deletion also comment lines around it."""
    key, node = _nodes(before, pick.path)
    if key is None and not pick.path:
        return 0, 0
    if pick.path and isinstance(pick.path[-1], int):
        key = node = _alias_or_item(before, pick.path, node)
    first, last = key.start_mark.line, node.end_mark.line + (1 if node.end_mark.column else 0)
    last = min(max(last, key.end_mark.line + 1), len(old))
    block = getattr(node, "style", None) in ("|", ">")  # a # inside is text
    while last > first + 1 and (
        not old[last - 1].strip() or (not block and old[last - 1].lstrip()[:1] == b"#")
    ):
        last -= 1
    if pick.kind in ("insert", "insert item"):
        empty = getattr(node, "value", None) in ([], "", "~", "null") or getattr(node, "flow_style", False)
        if not empty:
            return _same_dash(old, first) if pick.name == 0 else (0, 0)
    if "delete" in pick.kind:
        dash = old[first].lstrip()[:1] == b"-"
        first, last = _with_comments(old, first, last)
        if isinstance(pick.path[-1], int) or len(_siblings(before, pick.path)) == 1 or dash:
            parent, _ = _nodes(before, pick.path[:-1])
            first = min(first, parent.start_mark.line if parent else first)
            while last < len(old) and not old[last].strip():
                last += 1
            last = min(last + 1, len(old))  # the next entry's line may move up to the dash
    return first, last


def _alias_or_item(before: bytes, path: Path, node: Any) -> Any:
    """PyYAML gives an alias its target's place; then the whole list is the place."""
    _, parent = _nodes(before, path[:-1])
    inside = parent.start_mark.index <= node.start_mark.index < parent.end_mark.index
    return node if inside else parent


def _same_dash(old: list[bytes], first: int) -> tuple[int, int]:
    """A list whose first item shares its parent's dash line: a new first item changes that line."""
    return (first, first + 1) if old[first].lstrip().startswith(b"- -") else (0, 0)


def _with_comments(old: list[bytes], first: int, last: int) -> tuple[int, int]:
    while first and old[first - 1].lstrip().startswith(b"#"):
        first -= 1
    end = last
    while end < len(old) and (not old[end].strip() or old[end].lstrip().startswith(b"#")):
        end += 1
        if old[end - 1].strip():
            last = end
    return first, last


def _siblings(before: bytes, path: Path) -> Any:
    return _nodes(before, path[:-1])[1].value


def _nodes(before: bytes, path: Path) -> tuple[Any, Any]:
    """PyYAML's key node (or item) and value node at a path; keys by their text as Helm names them."""
    loader = (
        yaml.SafeLoader if "\ufeff" in before.decode()[1:] else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    node: Any = yaml.compose(before.decode("utf-8-sig"), Loader=loader)
    mark = None
    for part in path:
        if isinstance(node, yaml.SequenceNode):
            mark = node = node.value[part]
        else:
            mark, node = next(pair for pair in reversed(node.value) if _name(pair[0]) == part)
    return mark, node


def _name(key: Any) -> str:
    (name,) = read(b"? " + yaml.serialize(key).encode().removesuffix(b"...\n") + b": 1\n", 4)
    return name


_FILLER = re.compile(rb"^[ -]+|\s*\{ *\}|\s*null|\s*~")


def _move_touched(old: list[bytes], new: list[bytes], pick: Pick, before: bytes) -> str:
    """A move may cut one block, add one block, and change the lines of a parent that becomes or was empty."""
    key, node = _nodes(before, pick.path)
    last = node.end_mark.line + (1 if node.end_mark.column else 0)
    first, last = _with_comments(old, key.start_mark.line, min(max(last, key.end_mark.line + 1), len(old)))
    kept = [re.sub(_FILLER, b"", line).rstrip() for line in (*old[:first], *old[last:])]
    plain = [re.sub(_FILLER, b"", line).rstrip() for line in new]
    at = 0
    for line in filter(None, kept):
        while at < len(plain) and plain[at] != line:
            at += 1
        if at == len(plain):
            return f"the line {line!r} is gone"
        at += 1
    return ""


def try_edit(before: bytes, pick: Pick, tally: Tally, majors: tuple[int, ...] = (3, 4)) -> bytes | None:
    """Make one edit and count what became of it."""
    tally.tried += 1
    document = Document(before)
    try:
        pick.make(document)
        after = document.commit()
    except Refused as refused:
        tally.refused.append(f"{pick.kind} {pick.path}: {refused}")
        return None
    reason = wrong_because(before, after, pick, majors)
    if reason:
        tally.wrong.append(f"{pick}: {reason}")
        return None
    tally.right += 1
    return after
