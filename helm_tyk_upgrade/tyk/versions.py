"""What is known about published Tyk versions. Asks data/versions.json (rebuilt by scripts/refresh-tyk-data)
and data/known-bad.json. Whatever lies outside of the data is unknown, never assumed.

Support rules: https://tyk.io/docs/developer-support/release-types/long-term-support/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.version import Range, compare, is_version, newest_first, parse

State = Literal["supported", "maintenance", "end of life"]


@dataclass(frozen=True)
class GatewayRelease:
    """One published gateway version. Dates are ISO days; texts are empty where the data has none.

    user: the USER of the default image, `root` or `nonroot`. hello_503: /hello answers 503 instead of 200
    when a critical check fails. ready: it has /ready.
    """

    version: str
    released: str
    go: str
    image_base: str
    user: str
    shell: bool
    hello_503: bool
    ready: bool
    json_logs: bool
    redis: str
    lts: bool


@dataclass(frozen=True)
class Support:
    """How far Tyk stands behind a minor line on a given day, as one sentence for people."""

    state: State
    detail: str
    lts: bool

    def __str__(self) -> str:
        return f"{self.state}{' (LTS)' if self.lts and self.state != 'end of life' else ''}: {self.detail}"


@dataclass(frozen=True)
class ChartRelease:
    """A published chart version with the gateway image that its own values name."""

    name: str
    version: str
    released: str
    gateway_repository: str
    gateway_tag: str
    prerelease: bool
    deprecated: bool


@dataclass(frozen=True)
class Fault:
    """A published fault. only: who meets it (empty: everybody); instead: the nearest version without it; detect: how
    that shows in a release (see detectors.py), empty for everybody."""

    why: str
    only: str
    instead: str
    source: str
    detect: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        who = f" ({self.only})" if self.only else ""
        return f"{self.why}{who}; {self.instead} is free of it [{self.source}]"


def as_of() -> str:
    """The day that the data describes."""
    return str(_data()["about"]["as_of"])


def gateway(version: str) -> GatewayRelease | None:
    """A gateway version, with or without `v`; None where the data does not know it."""
    text = _plain(version)
    item = _data()["gateway"].get(text)
    if item is None:
        return None
    return GatewayRelease(version=text, lts=bool(_data()["lines"][_line(text)]["lts"]), **item)


@lru_cache(maxsize=1)
def gateway_versions() -> tuple[str, ...]:
    """All published gateway versions of the data, newest first."""
    return tuple(newest_first(list(_data()["gateway"])))


def newest_lts(today: str, within: Range | None = None) -> str | None:
    """The newest patch of the newest long-term line that is not at its end on that day (ISO), in a range or
    at all; versions with a fault that everybody meets are passed over. None where there is none."""
    for version in gateway_versions():
        state = support(version, today)
        alive = isinstance(state, Known) and state.value.lts and state.value.state != "end of life"
        if alive and (within is None or version in within) and not _bad_for_all(version):
            return version
    return None


def newest_patch(version: str) -> str | None:
    """The newest published patch of a version's minor line, None where the data has no such line."""
    line = _line(_plain(version))
    return next((text for text in gateway_versions() if _line(text) == line), None)


def support(version: str, today: str) -> Maybe[Support]:
    """Where a gateway version's minor line stands on a day (ISO). Unknown for a line outside of the data."""
    text = _plain(version)
    line = _data()["lines"].get(_line(text)) if is_version(text) else None
    if line is None:
        return Unknown(f"gateway {version} is not in the data of {as_of()}")
    lts, reason = bool(line["lts"]), str(line["reason"])
    if line["ended"]:
        return Known(Support("end of life", reason, lts))
    end, maintenance = str(line["end_of_life"]), str(line["maintenance_from"])
    if end and today >= end:
        return Known(Support("end of life", f"since {end}" + (f", {reason}" if reason else ""), lts))
    if maintenance and today >= maintenance:
        return Known(Support("maintenance", f"only critical fixes, until {end}", lts))
    if not end:
        return Known(Support("supported", f"the newest feature line as of {as_of()}", lts))
    return Known(Support("supported", f"until {end}", lts))


def chart(name: str, version: str) -> ChartRelease | None:
    """A published chart version of Tyk's; None where the data does not know it."""
    text = _plain(version)
    item = _data()["charts"].get(name, {}).get(text)
    return None if item is None else ChartRelease(name=name, version=text, **item)


def newest_chart(name: str) -> str:
    """The newest version of a chart of Tyk's in the data that is no prerelease and not deprecated; empty where there is
    none."""
    listed = _data()["charts"].get(name, {})
    stable = [text for text, item in listed.items() if not (item["prerelease"] or item["deprecated"])]
    return next(iter(newest_first(stable)), "")


def cves(version: str) -> tuple[str, ...]:
    """The CVEs that the release notes of a gateway version say it fixes; empty where they name none."""
    return tuple(_read("security.json")["gateway"].get(_plain(version), ()))


def notes_of(version: str) -> str:
    """Where the release notes of a gateway version are; empty where the data does not know it."""
    plain = _plain(version)
    return f"{notes_page()}#{plain.replace('.', '-')}-release-notes" if gateway(plain) else ""


def notes_page() -> str:
    return str(_read("security.json")["about"]["page"])


def known_bad(version: str, component: Literal["gateway", "chart"] = "gateway") -> tuple[Fault, ...]:
    """The published faults of a gateway or chart version; empty where none is on record."""
    if not is_version(version):
        return ()
    return tuple(
        Fault(fault["why"], fault["only"], fault["instead"], fault["source"], fault.get("detect", {}))
        for fault in _read("known-bad.json")["faults"]
        if fault["component"] == component
        and compare(fault["from"], version) <= 0
        and compare(version, fault["to"]) <= 0
    )


def _bad_for_all(version: str) -> bool:
    return any(not fault.only for fault in known_bad(version))


def base(version: str) -> str:
    """`5.14.0-rc1`, `v5.8.15-fips` -> the release whose changes it has. A text that is no version stays as it is."""
    parsed = parse(version)
    return str(parsed.finalize_version()) if parsed is not None else version


def _plain(version: str) -> str:
    return version.removeprefix("v")


def _line(version: str) -> str:
    """`5.13.1` -> `5.13`."""
    parsed = parse(version)
    return f"{parsed.major}.{parsed.minor}" if parsed is not None else version


def _data() -> dict[str, Any]:
    return _read("versions.json")


@lru_cache(maxsize=4)
def _read(name: str) -> dict[str, Any]:
    text = resources.files("helm_tyk_upgrade.tyk").joinpath("data").joinpath(name).read_text(encoding="utf-8")
    data = json.loads(text)
    assert isinstance(data, dict)
    return data
