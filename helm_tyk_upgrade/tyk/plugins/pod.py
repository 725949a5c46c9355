"""Places in a gateway's pod template where Go plugins may be put. None of them tells for sure. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from helm_tyk_upgrade.tyk.plugins.found import Found, maps, text

BUNDLES = ("TYK_GW_ENABLEBUNDLEDOWNLOADER", "TYK_GW_BUNDLEBASEURL")
FOLDER = "TYK_GW_MIDDLEWAREPATH"
CHART_INIT = "setup-directories"
"""The charts' own init container: it makes empty folders."""
_FOLDERS = ("/mnt/tyk-gateway/middleware", "/opt/tyk-gateway/middleware")
_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_PUBLISHED = re.compile(r"(^|/)tyk-gateway(-ee|-fips)?$")
_CREDENTIALS = re.compile(r"//[^/@]*@")


def in_pod(
    where: str, pod: Mapping[str, Any], container: Mapping[str, Any], variables: Mapping[str, str]
) -> tuple[Found, ...]:
    """What may bring Go plugins: the bundle downloader, a volume at a middleware folder, an init container that writes
    to one, an image that is not Tyk's.

    pod: the `spec` of a pod template; container: its gateway; variables: the gateway's environment as far as it is in
    the manifest. An init container of the charts themselves is none.
    """
    return (
        *_bundles(where, variables),
        *_mounts(where, container, variables),
        *_init_containers(where, pod, container, variables),
        *_image(where, container),
    )


def _bundles(where: str, variables: Mapping[str, str]) -> Iterator[Found]:
    switch, url = BUNDLES
    if variables.get(switch) in _TRUE:
        base = _CREDENTIALS.sub("//", text(variables.get(url)))
        yield Found(f"{where}: {switch}", base, kind="bundle", sure=False)


def _mounts(where: str, container: Mapping[str, Any], variables: Mapping[str, str]) -> Iterator[Found]:
    folders = _folders(variables)
    for mount in maps(container.get("volumeMounts")):
        path = text(mount.get("mountPath")).rstrip("/")
        if path.endswith(".so") or any(_within(path, folder) for folder in folders):
            yield Found(f"{where}: volume {text(mount.get('name'))}", path, kind="place", sure=False)


def _init_containers(
    where: str, pod: Mapping[str, Any], container: Mapping[str, Any], variables: Mapping[str, str]
) -> Iterator[Found]:
    shared = {
        text(mount.get("name"))
        for mount in maps(container.get("volumeMounts"))
        if any(
            _within(folder, text(mount.get("mountPath")).rstrip("/"))
            or _within(text(mount.get("mountPath")).rstrip("/"), folder)
            for folder in _folders(variables)
        )
    }
    for init in maps(pod.get("initContainers")):
        name = text(init.get("name"))
        writes = {text(mount.get("name")) for mount in maps(init.get("volumeMounts"))} & (shared - {""})
        if name != CHART_INIT and writes:
            volumes = ", ".join(sorted(writes))
            yield Found(f"{where}: init container {name}", f"volume {volumes}", kind="place", sure=False)


def _image(where: str, container: Mapping[str, Any]) -> Iterator[Found]:
    reference = text(container.get("image"))
    name = repository(reference)
    if name and not _PUBLISHED.search(name):
        yield Found(f"{where}: an image that is not named as Tyk's", reference, kind="place", sure=False)


def repository(reference: str) -> str:
    """`registry:5000/tyk/tyk-gateway` of an image reference."""
    name = reference.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]


def _folders(variables: Mapping[str, str]) -> tuple[str, ...]:
    own = text(variables.get(FOLDER)).rstrip("/")
    return tuple(dict.fromkeys((*_FOLDERS, *([own] if own.startswith("/") else []))))


def _within(path: str, folder: str) -> bool:
    return bool(folder) and (path == folder or path.startswith(folder + "/"))
