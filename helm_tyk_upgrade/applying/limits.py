"""How long a Helm command may take before it counts as hanging."""

from __future__ import annotations

import re

_DEFAULT = "5m0s"
"""Helm's own --timeout, in Helm 3 and 4."""
_WAITS = 3
"""Helm's time-out is for each of its waits: the hooks before, the objects, the hooks after."""
_MARGIN = 60.0
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")

LAST_WORDS = 20.0
"""Seconds that Helm gets to mark the release as failed after SIGINT."""


def helm_limit(timeout: str) -> float:
    """Seconds after which a Helm with this --timeout (a Go duration; empty: its default) is not waited for any more."""
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(timeout or _DEFAULT))
    return _WAITS * seconds + _MARGIN


def late(limit: float) -> str:
    return f"helm did not end in {limit:.0f} s and was ended by force"
