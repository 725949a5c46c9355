"""What can go wrong, by name: faults of the answer change a response, faults of the listing what there is."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import yaml

from testbed.catalogue import hostile
from testbed.catalogue.charts import Chart, read_archive
from testbed.catalogue.response import Request, Response, html

Charts = tuple[Chart, ...]
DAY = 86_400
OUTSIDE = "/tmp/escaped"  # noqa: S108 - where a careless client would write


@dataclass(frozen=True)
class Fault:
    """One fault: a name of FAULTS, its argument (text; "" is the default), and how far it reaches.

    `times` 0 means for ever; `path` is a text the request's target must contain.
    """

    name: str
    argument: str = ""
    times: int = 0
    path: str = ""

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise ValueError(f"no fault {self.name!r}; there are: {', '.join(sorted(FAULTS))}")

    @classmethod
    def parse(cls, given: Fault | str | dict[str, Any]) -> Fault:
        """From `Fault`, "name", "name=argument" or an object of this record's fields; else ValueError."""
        if isinstance(given, Fault):
            return given
        if isinstance(given, dict):
            unknown = given.keys() - {field.name for field in dataclasses.fields(cls)}
            if unknown:
                raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
            return cls(**given)
        name, _, argument = given.partition("=")
        return cls(name, argument)


def _status(status: int) -> Callable[[Response, Request, str], Response]:
    return lambda response, request, argument: html(
        f"{status} ERROR: the request could not be satisfied", status
    )


def _retry_after(response: Response, request: Request, argument: str) -> Response:
    return replace(html("429 Too Many Requests", 429), headers=(("Retry-After", argument or "1"),))


def _json_500(response: Response, request: Request, argument: str) -> Response:
    return Response(500, "application/json", b'{"message":""}\n')


def _redirect(response: Response, request: Request, argument: str) -> Response:
    return Response(302, "text/html; charset=utf-8", b"", (("Location", request.target),))


def _json_only(change: Callable[[bytes], bytes]) -> Callable[[Response, Request, str], Response]:
    """Documents that are not JSON (values, archives) are left as they are."""

    def fault(response: Response, request: Request, argument: str) -> Response:
        if response.content_type != "application/json" or not response.body:
            return response
        return replace(response, body=change(response.body))

    return fault


ANSWERS: dict[str, Callable[[Response, Request, str], Response]] = {
    "403": _status(403),
    "404": _status(404),
    "429": _status(429),  # HTML without Retry-After, as the firewall in front of the real hub sends it
    "429-retry-after": _retry_after,  # argument: the header's value
    "500": _json_500,
    "502": _status(502),
    "503": _status(503),
    "slow": lambda response, request, argument: replace(response, delay=float(argument or 2)),  # seconds
    "hang": lambda response, request, argument: replace(response, manner="hang"),
    "drop": lambda response, request, argument: replace(response, manner="drop"),
    "cut": lambda response, request, argument: replace(response, manner="cut"),
    "empty": lambda response, request, argument: replace(response, body=b""),
    "html": lambda response, request, argument: html("Artifact Hub"),
    "nonsense": lambda response, request, argument: replace(response, body=b"\x00\xff}{ nonsense ]["),
    "redirect-loop": _redirect,
    "huge": lambda response, request, argument: replace(  # MiB of spaces behind the body
        response, padding=int(argument or 64) * hostile.MEBIBYTE
    ),
    "truncated-json": _json_only(lambda body: body[: len(body) // 2]),
    "wrong-types": _json_only(hostile.wrong_types),
    "deep-json": _json_only(lambda body: hostile.deep_json()),
    "huge-numbers": _json_only(hostile.huge_numbers),
    "terminal-escapes": _json_only(hostile.terminal_escapes),
}


def _newest_of_each(charts: Charts) -> Charts:
    names = sorted({chart.name for chart in charts})
    return tuple(max((c for c in charts if c.name == name), key=lambda c: c.order) for name in names)


def _prerelease_latest(charts: Charts, argument: str) -> Charts:
    version = argument or "99.0.0-alpha.1"
    return (*(_renumbered(chart, version, prerelease=True) for chart in _newest_of_each(charts)), *charts)


def _ghost_version(charts: Charts, argument: str) -> Charts:
    """A newer version is listed, with a digest, but its archive is 404."""
    ghosts = (_renumbered(chart, argument or "99.0.0") for chart in _newest_of_each(charts))
    return (*(replace(ghost, data=None) for ghost in ghosts), *charts)


def _renumbered(chart: Chart, version: str, prerelease: bool = False) -> Chart:
    metadata = chart.metadata | {"version": version}
    if prerelease:
        metadata["annotations"] = {**chart.annotations, "artifacthub.io/prerelease": "true"}
    if chart.data is None:
        raise ValueError(f"{chart.filename} has no archive to renumber")
    name = f"{chart.name}/Chart.yaml"
    text = yaml.safe_dump(metadata, allow_unicode=True).encode()
    data = hostile.repack(chart.data, hostile.add_file(name, text), lambda member: member != name)
    return read_archive(data, chart.ts + DAY)


def _stale(charts: Charts, argument: str) -> Charts:
    newest = _newest_of_each(charts)
    return tuple(chart for chart in charts if chart not in newest)


def _gone(charts: Charts, argument: str) -> Charts:
    return tuple(replace(c, data=None) if argument in ("", c.version) else c for c in charts)


def _wrong_digest(charts: Charts, argument: str) -> Charts:
    return tuple(replace(c, digest=hashlib.sha256(c.digest.encode()).hexdigest()) for c in charts)


def _archives(change: Callable[[Chart, bytes, str], bytes]) -> Callable[[Charts, str], Charts]:
    """Another archive for the newest version of each chart, with the digest of that archive."""

    def fault(charts: Charts, argument: str) -> Charts:
        newest = _newest_of_each(charts)
        return tuple(_changed(chart, argument) if chart in newest else chart for chart in charts)

    def _changed(chart: Chart, argument: str) -> Chart:
        data = change(chart, chart.data or b"", argument)
        return replace(chart, data=data, digest=hashlib.sha256(data).hexdigest())

    return fault


LISTINGS: dict[str, Callable[[Charts, str], Charts]] = {
    "prerelease-latest": _prerelease_latest,  # argument: the version
    "ghost-version": _ghost_version,  # argument: the version
    "stale": _stale,  # lacks the newest version of each chart
    "tgz-404": _gone,  # argument: the version; all without it
    "wrong-digest": _wrong_digest,
    "zip-slip": _archives(
        lambda chart, data, _: hostile.repack(
            data, hostile.add_file(f"{chart.name}/../../escaped", b"escaped\n")
        )
    ),
    "absolute-path": _archives(
        lambda chart, data, argument: hostile.repack(
            data, hostile.add_file(argument or OUTSIDE, b"escaped\n")
        )
    ),
    "symlink": _archives(
        lambda chart, data, argument: hostile.repack(
            data, hostile.add_symlink(f"{chart.name}/templates/out", argument or "/", OUTSIDE.lstrip("/"))
        )
    ),
    "bomb": _archives(  # argument: unpacked MiB
        lambda chart, data, argument: hostile.repack(
            data, hostile.add_zeros(f"{chart.name}/templates/zeros", int(argument or 128) * hostile.MEBIBYTE)
        )
    ),
    "not-gzip": _archives(lambda chart, data, _: b"this is no archive\n" * 20),
    "truncated-tgz": _archives(lambda chart, data, _: data[: len(data) // 2]),
}

FAULTS: tuple[str, ...] = (*ANSWERS, *LISTINGS)


def listing(charts: Charts, faults: tuple[Fault, ...]) -> Charts:
    """What is published under `faults`."""
    for fault in faults:
        if fault.name in LISTINGS:
            charts = LISTINGS[fault.name](charts, fault.argument)
    return charts


def answer(response: Response, request: Request, fault: Fault) -> Response:
    """`response` as `fault` leaves it."""
    return ANSWERS[fault.name](response, request, fault.argument)


def parse_request(body: bytes) -> dict[str, list[Any]]:
    """The body of POST /-/faults: lists for "hub" and "repo", both optional. Raises ValueError."""
    given = json.loads(body or b"{}")
    if not isinstance(given, dict) or given.keys() - {"hub", "repo"}:
        raise ValueError('give {"hub": [...], "repo": [...]}')
    return given
