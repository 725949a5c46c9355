"""Gateway log lines whose meaning is known: harmless ones, and failures with what to do. Data, with the
reasons.

Messages as in the gateway's source, 4.0 to 5.14; https://tyk.io/docs/api-management/logs-metrics
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """pattern is searched in message and error; meaning says what is wrong, hint what to do."""

    pattern: re.Pattern[str]
    meaning: str
    hint: str


# Written by every healthy gateway of the published charts, at warning or error level.
BENIGN = tuple(
    re.compile(pattern)
    for pattern in (
        r"The control_api_port should be changed for production",
        r"Insecure configuration allowed",
        r"Default secret .* should be changed",
        r"Default node_secret .* should be changed",
        r"File descriptor limit",
        r"Number of CPUs",
        r"AnalyticsConfig\.\w+ (unset|.*minimum)",
        r"Starting HTTP server on",
        r"[Ss]ession lifetime",
        r"Could not load the default playground templates",
        # The chart makes an empty policies.json: the file ends before the JSON begins.
        r"Couldn't unmarshal policy configuration from dir: .*EOF",
    )
)


def _failure(pattern: str, meaning: str, hint: str) -> Failure:
    return Failure(re.compile(pattern), meaning, hint)


_REDIS = "check the Redis address, password and TLS settings in your values, and that Redis runs"
FAILURES = (
    _failure(
        r"Redis health check failed|Redis is either down|Redis not connected",
        "Redis cannot be reached",
        _REDIS,
    ),
    _failure(
        r"timeout connecting|Could not connect to Redis|Could not initialize connection", "no Redis", _REDIS
    ),
    _failure(r"Redis connection details not set", "no Redis address is configured", "set global.redis.addrs"),
    _failure(
        r"permission denied", "a file cannot be read or written", "check securityContext and mounted volumes"
    ),
    _failure(
        r"failed to resolve .*min_version|Could not complete configuration setup",
        "the configuration is refused",
        "TLS version ranges are checked since 5.8.14 and 5.13.0",
    ),
    _failure(
        r"Error loading config|couldn't unmarshal config|variables after config file|unmarshalling TYK_GW_",
        "a setting cannot be read, the default is used",
        "compare the TYK_GW_ variables with the new version's",
    ),
    _failure(r"Invalid log level", "the log level is not known", "use debug, info, warn or error"),
    _failure(
        r"Skipping loading spec|Spec not valid, skipped|trying to import invalid OAS|Couldn't unmarshal api",
        "an API definition is not valid for this version and is not served",
        "correct the definition",
    ),
    _failure(
        r"Listen path collision", "two APIs share a listen path; one was moved", "give each its own path"
    ),
    _failure(
        r"Panic while loading an API",
        "an API definition crashes the loader",
        "report it to Tyk with the definition",
    ),
    _failure(r"Can't start listener", "the port cannot be opened", "check the port and the TLS certificate"),
    _failure(
        r"different version of package|Could not load Go-plugin|panic while loading Go-plugin",
        "a Go plugin was built for another gateway version",
        "recompile it with the plugin compiler of this version",
    ),
    _failure(
        r"plugin file not found",
        "a plugin file is missing in the new pod",
        "check how plugins get into the pod",
    ),
    _failure(
        r"Couldn't fetch bundle|Couldn't load bundle|No bundle base URL|Bundle downloader is disabled",
        "a plugin bundle cannot be loaded",
        "check the bundle server and TYK_GW_ENABLEBUNDLEDOWNLOADER",
    ),
    _failure(
        r"custom middleware, however|Driver '.*' isn't loaded",
        "a plugin driver is missing",
        "enable coprocess",
    ),
    _failure(
        r"Failed to register node|Response failed with code 40[34]|Registration deferred|RPC Login failed",
        "the Dashboard or MDCB does not accept this gateway",
        "check the licence's node count and the node secret",
    ),
)


def explained(text: str) -> Failure | None:
    """The first known failure a message or line tells of."""
    return next((failure for failure in FAILURES if failure.pattern.search(text)), None)
