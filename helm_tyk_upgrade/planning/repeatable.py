"""Whether rendering the same again gives the same: from what the templates and values call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags

# What stands between braces, comments apart: a template's own text, or a value that a chart puts through `tpl`.
_ACTION = re.compile(rb"\{\{(?!-?\s*/\*)(.*?)\}\}", re.DOTALL)
# A call of one of these functions, never a field (`.Values`), a variable (`$keys`) or a whole string.
_CALL = rb"(?<![\w.$\"-])(?:%b)(?![\w\"-])"
# Functions of Helm and sprig that ask the clock: the last ones where they are given no time.
_CLOCK = rb"now|ago|unixEpoch|durationRound|(?:html)?[dD]ate(?:InZone|_in_zone)?"
# Those that answer differently each time; keys and values come in the random order of Go's maps.
_CHANCE = (
    rb"rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|gen(?:PrivateKey|CA|SelfSignedCert|SignedCert)\w*|uuidv4|shuffle"
    rb"|htpasswd|bcrypt|encryptAES|keys|values|getHostByName"
)
_TIMED = re.compile(_CALL % _CLOCK)
_RANDOM = re.compile(_CALL % (_CHANCE + b"|" + _CLOCK))
# What differs from revision to revision, from cluster to cluster, or from Helm to Helm.
_MOVING = re.compile(rb"\.Capabilities\b|\blookup\b|\.Revision\b|\.Release\s*(?:\||\)|$)")


def may_be_random(chart: ChartFiles, planned: Layers, flags: UpgradeFlags) -> bool:
    """Whether two renders of the same may differ, so that a second one is worth its time. A values document that Helm
    fetches may say anything."""
    if flags.post_renderer or any(
        isinstance(document, str) and "://" in document for document in planned.documents
    ):
        return True
    return any(map(_RANDOM.search, _actions(chart, planned)))


def asks_the_clock(chart: ChartFiles, planned: Layers) -> bool:
    """Whether two renders must be a second apart to show what is random: `now | unixEpoch` is equal until then."""
    return any(map(_TIMED.search, _actions(chart, planned)))


def may_move(chart: ChartFiles, layers: Layers, flags: UpgradeFlags) -> bool:
    """Whether the same chart and values may come out differently some other day: then what Helm stored does not tell
    what they come to now."""
    return may_be_random(chart, layers, flags) or any(map(_MOVING.search, _actions(chart, layers)))


def _actions(chart: ChartFiles, layers: Layers) -> Iterator[bytes]:
    for path, data in chart.files.items():
        if "/templates/" in f"/{path}" or path.endswith(".yaml"):
            yield from _ACTION.findall(data)
    for document in layers.documents:
        yield from _ACTION.findall(document if isinstance(document, bytes) else _local(document))
    for _, text in layers.sets:
        yield from _ACTION.findall(text.encode())


def _local(document: str) -> bytes:
    return b"" if "://" in document else read_file(Path(document), what="values file").data
