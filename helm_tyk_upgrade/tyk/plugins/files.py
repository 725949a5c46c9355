"""Which file a gateway opens for the plugin path that an API names. Pure.

Source: gateway/mw_go_plugin.go and goplugin/plugin_name_builder.go, read at each tag from v4.0.0 to v5.13.1.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from helm_tyk_upgrade.model.version import compare

PUBLISHED = ("linux/amd64", "linux/arm64")
"""The platforms that the gateway's images are published for."""


def looked_for(path: str, version: str, platforms: Iterable[str]) -> tuple[str, ...]:
    """The file names that a gateway of this version tries, in its order; for several platforms name by name.

    version: semantic, a prerelease suffix does not count (the gateway cuts it off too); platforms: `linux/arm64`,
    a variant behind it does not count. Since 4.3.2 the name with the version wins over the exact one; 4.1.0 to 4.3.1
    take it only where the exact file is not there; before, only the exact one counts.
    """
    if not path:
        return ()
    plain = version.removeprefix("v").partition("-")[0]
    prefixed = [_versioned(path, f"v{plain}", platform) for platform in platforms]
    bare = [_versioned(path, plain, platform) for platform in platforms]
    if compare(plain, "4.1.0") < 0:
        names = [path]
    elif compare(plain, "4.3.0") < 0:
        names = [path, *bare]
    elif compare(plain, "4.3.2") < 0:
        names = [path, *bare, *prefixed]
    else:
        names = [*prefixed, *bare, path]
    return tuple(dict.fromkeys(names))


def plain_platform(platform: str) -> str:
    """`linux/arm64` of `linux/arm64/v8`."""
    return "/".join(platform.split("/")[:2])


def _versioned(path: str, version: str, platform: str) -> str:
    folder = posixpath.normpath(posixpath.dirname(path) or ".")
    name = posixpath.basename(path).removesuffix(".so")
    system, _, architecture = plain_platform(platform).partition("/")
    return f"{folder}/{name}_{version}_{system}_{architecture}.so"
