"""Text of values files and fragments that are written new, with comments; the home of ruamel.yaml."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.helmyaml.errors import Refused, UnreadableYaml, escaped
from helm_tyk_upgrade.helmyaml.model import as_helm, same
from helm_tyk_upgrade.helmyaml.paths import Path, format_path
from helm_tyk_upgrade.helmyaml.read import read
from helm_tyk_upgrade.helmyaml.text import is_plain, literal

_INDENT = 2


def compose(data: dict[str, Any], comments: Mapping[Path, str]) -> bytes:
    """A new values file with a comment above the keys named in `comments` (() is the head of the file).

    UTF-8, LF, keys in the order given. Read back by both Helm majors before it is returned: raises
    Refused when
    that is not exactly `data`, or when a comment's path does not exist.
    """
    expected = as_helm(data)
    tree = _commented(data, comments, ())
    missing = [path for path in comments if path and not _exists(data, path)]
    if missing:
        raise Refused(
            f"no key for the comment of {format_path(missing[0])}", "Give comments of existing keys only."
        )
    composed = _head(comments) + _dumped(tree)
    try:
        right = all(same(expected, read(composed, major)) for major in (3, 4))
    except UnreadableYaml:
        right = False
    if not right:
        raise Refused("Helm would not read the composed text as intended", "Write this file by hand.")
    return composed


def _head(comments: Mapping[Path, str]) -> bytes:
    lines = comments.get((), "").splitlines()
    return "".join(f"# {escaped(line)}".rstrip() + "\n" for line in lines).encode() + (
        b"\n" if lines else b""
    )


def _commented(value: Any, comments: Mapping[Path, str], path: Path) -> Any:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, list):
        return CommentedSeq(_commented(one, comments, (*path, at)) for at, one in enumerate(value))
    if not isinstance(value, dict):
        return _scalar(value)
    entries = CommentedMap()
    for name, below in value.items():
        entries[_scalar(name)] = _commented(below, comments, (*path, name))
        comment = comments.get((*path, name))
        if comment:
            printable = "\n".join(map(escaped, comment.splitlines()))
            entries.yaml_set_comment_before_after_key(name, before=printable, indent=_INDENT * len(path))
    return entries


def _scalar(value: Any) -> Any:
    """Quotes wherever some YAML reader would not see the string; `|` for several lines."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return value if str(value) == "-0.0" else int(value)
    if not isinstance(value, str):
        return value
    if literal(value, _INDENT, "\n") is not None:
        return LiteralScalarString(value)
    return value if is_plain(value, False) else DoubleQuotedScalarString(value)


def _dumped(tree: Any) -> bytes:
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import RoundTripRepresenter

    class Representer(RoundTripRepresenter):
        """`null` in words: an empty value looks like an oversight."""

    Representer.add_representer(
        type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    yaml = YAML()
    yaml.Representer = Representer
    yaml.indent(mapping=_INDENT, sequence=2 * _INDENT, offset=_INDENT)
    yaml.width = 1_000_000
    out = io.BytesIO()
    yaml.dump(tree, out)
    return out.getvalue() if tree else b"{}\n"


def _exists(data: Any, path: Path) -> bool:
    for part in path:
        if (isinstance(data, dict) and part in data) or (isinstance(data, list) and part in range(len(data))):
            data = data[part]  # type: ignore[index]
        else:
            return False
    return True
