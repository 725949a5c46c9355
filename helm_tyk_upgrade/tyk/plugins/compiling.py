"""How to compile a Go plugin for a gateway version, and what happens without. Pure.

Sources: .github/workflows/plugin-compiler-build.yml and ci/images/plugin-compiler/data/build.sh of the gateway, read at
each tag; the paths are those of https://tyk.io/docs/developer-support/upgrading (Go-Plugins Upgrade Guide).
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from helm_tyk_upgrade.model.known import Maybe, Unknown
from helm_tyk_upgrade.model.version import compare
from helm_tyk_upgrade.tyk import versions
from helm_tyk_upgrade.tyk.plugins.files import plain_platform
from helm_tyk_upgrade.tyk.plugins.pod import repository

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.so")
_COMPILER = "tykio/tyk-plugin-compiler"
_CROSS_SINCE = "5.0.3"
"""From here on the compiler image sets a C compiler for arm64."""


@dataclass(frozen=True)
class Compiling:
    """commands: to be run in the folder of a plugin's source; notes: what could not be told, and why."""

    commands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def compiling(paths: Iterable[str], target: Maybe[str], image: str, platforms: Iterable[str]) -> Compiling:
    """The compiler commands for a gateway version: one for each file name and platform. There is none for a version
    that is unknown or not on record, and none for an edition or platform without a compiler image.

    paths: as the APIs name them; image: the planned gateway's, whose name tells the edition.
    """
    if isinstance(target, Unknown):
        return Compiling(
            notes=(f"no compiler command: the planned gateway version is not known: {target.reason}",)
        )
    version = target.value.removeprefix("v")
    if versions.gateway(version) is None:
        rule = f"{_COMPILER}:v<version of the gateway>"
        return Compiling(
            notes=(
                f"no compiler command: {version} is not in the data of {versions.as_of()} (usually {rule})",
            )
        )
    kind = edition(image)
    compiler = f"{_COMPILER}{kind}:v{version}"
    if not _published(kind, version):
        return Compiling(notes=(f"no compiler command: {compiler} is not on record for this edition",))
    tried = [
        _command(compiler, name, version, plain_platform(platform))
        for name in _names(paths)
        for platform in platforms
    ]
    commands = [one for one in tried if isinstance(one, str)]
    notes = [one.reason for one in tried if isinstance(one, Unknown)]
    return Compiling(tuple(dict.fromkeys(commands)), (*dict.fromkeys(notes), *_renaming(version)))


def without(target: Maybe[str]) -> str:
    """What a gateway version does with requests to an API whose plugin it could not load."""
    if isinstance(target, Unknown):
        return "what happens where a plugin does not load depends on the gateway version, which is not known"
    plain = target.value.removeprefix("v").partition("-")[0]
    guarded = compare(plain, "5.0.1") >= 0 or (compare(plain, "4.0.13") >= 0 and compare(plain, "4.1.0") < 0)
    if guarded:
        return f"gateway {plain} answers 500 to requests that meet a plugin it could not load"
    return (
        f"gateway {plain} skips a plugin it could not load and lets the request pass: with a plugin that authenticates,"
        " everybody is let in (tyk#4469)"
    )


def go_versions(before: Maybe[str], target: Maybe[str]) -> str:
    """The Go versions of both gateways as one sentence; a plugin must be compiled anew even where they are equal."""
    return (
        f"Go {_go(before)} now, Go {_go(target)} after; any change of the gateway version needs a new build"
    )


def guide_path(before: Maybe[str], target: Maybe[str]) -> str:
    """Which path of Tyk's Go plugin upgrade guide is meant, as a sentence."""
    if isinstance(before, Unknown) or isinstance(target, Unknown):
        return "which path of Tyk's Go plugin guide is meant depends on both gateway versions"
    old, new = (one.removeprefix("v").partition("-")[0] for one in (before.value, target.value))
    if compare(old, "4.1.0") < 0:
        path = 1 if compare(new, "4.1.0") < 0 else 2
        return f"Tyk's Go plugin guide: path {path}"
    if compare(new, "5.1.0") >= 0:
        return "Tyk's Go plugin guide: path 3"
    return f"Tyk's Go plugin guide has no path from {old} to {new}; the compiler image is right for it too"


def _go(version: Maybe[str]) -> str:
    release = None if isinstance(version, Unknown) else versions.gateway(version.value)
    return release.go if release is not None and release.go else "(unknown)"


def edition(image: str) -> str:
    """`-ee`, `-fips`, or nothing: what Tyk adds to the names of gateway and compiler images of an edition."""
    match = re.search(r"(?:^|/)tyk-gateway(-ee|-fips)$", repository(image))
    return match[1] if match else ""


def _published(kind: str, version: str) -> bool:
    plain = version.partition("-")[0]
    if kind == "-ee":
        return compare(plain, "5.7.0") >= 0
    if kind == "-fips":
        late_patch = compare(plain, "5.8.15") >= 0 and compare(plain, "5.9.0") < 0
        return late_patch or compare(plain, "5.13.0") >= 0
    return True


def _names(paths: Iterable[str]) -> list[str]:
    """File names for the command line: those that need no quoting; else the name of Tyk's own example."""
    names = [posixpath.basename(path) for path in paths]
    return list(dict.fromkeys(name if _SAFE.fullmatch(name) else "plugin.so" for name in names)) or [
        "plugin.so"
    ]


def _command(compiler: str, name: str, version: str, platform: str) -> str | Unknown:
    # The image exists for linux/amd64 only; for another architecture it compiles across.
    run = f'docker run --rm -v "$PWD":/plugin-source --platform=linux/amd64 {compiler} {shlex.quote(name)}'
    if platform == "linux/amd64":
        return run
    if platform != "linux/arm64":
        return Unknown(f"no compiler command for {platform}: Tyk's compiler image builds amd64 and arm64")
    if compare(version.partition("-")[0], _CROSS_SINCE) < 0:
        return Unknown(f"no compiler command for linux/arm64: {compiler} has no compiler for it")
    return f'{run} "$(date +%s)" linux arm64'


def _renaming(version: str) -> tuple[str, ...]:
    plain = version.partition("-")[0]
    if compare(plain, "4.1.0") >= 0 and compare(plain, "4.3.0") < 0:
        return (
            f"the compiler writes NAME_v{plain}_…, gateway {plain} looks for NAME_{plain}_…: rename the file",
        )
    return ()
