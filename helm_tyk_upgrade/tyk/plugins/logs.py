"""Go plugins that a gateway's log names. Pure.

Messages: gateway/{mw_go_plugin,res_handler_go_plugin,analytics_go_plugin}.go, 4.0 to 5.13; text and JSON lines.
"""

from __future__ import annotations

import re

from helm_tyk_upgrade.model.baseline import LoggedPlugin
from helm_tyk_upgrade.tyk.plugins.found import text

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_PATH = re.compile(rf'(?:\bmwPath=|"mwPath":\s*)(?:{_QUOTED}|([^\s,"}}]+))')
_ERROR = re.compile(rf'(?:\berror=|"error":\s*)(?:{_QUOTED}|([^\s,"}}]+))')
_NOT_LOADED = re.compile(
    r"Could not load Go-plugin|plugin file not found|Recovered from panic while loading Go-plugin"
)
_VERSIONED = re.compile(r"_v?\d+\.\d+\.\d+_[a-z]+_[a-z0-9]+(?=\.so$)")


def in_log(log: str) -> tuple[LoggedPlugin, ...]:
    """Each plugin path once, with the newest reason why it was not loaded; empty where it was."""
    found: dict[str, LoggedPlugin] = {}
    for line in log.splitlines():
        path = text(_field(_PATH, line))
        if not path:
            continue
        if _NOT_LOADED.search(line):
            found[path] = LoggedPlugin(path, text(_field(_ERROR, line)) or "it could not be loaded")
        else:
            found.setdefault(path, LoggedPlugin(path))
    return tuple(found.values())


def configured(path: str) -> str:
    """The path as an API names it, of one with a gateway's version in it: a gateway logs either."""
    return _VERSIONED.sub("", path)


def _field(pattern: re.Pattern[str], line: str) -> str:
    match = pattern.search(line)
    if match is None:
        return ""
    return (match[1] or match[2] or "").replace('\\"', '"')
