"""Writes OCI image layouts as one tar file, byte for byte the same for the same input.

Format: https://github.com/opencontainers/image-spec (image-layout, manifest, config).
`manifest.json` is Docker's older list, for `docker load` before version 25 and so for minikube.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import tarfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Entry:
    """One path of a layer: a folder, unless it has `data`, a `source` file to copy or a symlink `target`."""

    path: str
    mode: int = 0o755
    owner: int = 0
    data: bytes | None = None
    source: Path | None = None
    target: str | None = None


@dataclass(frozen=True)
class Image:
    """`layers` are tar files as bytes (see `layer`), lowest first; equal ones are stored once an archive."""

    name: str
    layers: tuple[bytes, ...]
    user: str
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    working_dir: str = "/"


@dataclass
class _Blobs:
    """The content store of one archive: digest -> bytes."""

    content: dict[str, bytes] = field(default_factory=dict)

    def add(self, media_type: str, data: bytes) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        self.content[digest] = data
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def layer(entries: list[Entry]) -> bytes:
    """A layer with the given entries and the folders above them, sorted, without times."""
    by_path = {entry.path.strip("/"): entry for entry in entries}
    for path in list(by_path):
        for parent in PurePosixPath(path).parents:
            if str(parent) != ".":
                by_path.setdefault(str(parent), Entry(str(parent)))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(by_path):
            _add(tar, path, by_path[path])
    return buffer.getvalue()


def write_archive(path: Path, images: list[Image]) -> None:
    """Write all images to one tar. The file appears whole or not at all."""
    blobs = _Blobs()
    manifests, docker = [], []
    for image in images:
        manifest, listed = _describe(image, blobs)
        manifests.append(manifest)
        docker.append(listed)
    files = {
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
        "index.json": _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}),
        "manifest.json": _json(docker),
    }
    files.update({f"blobs/sha256/{digest}": data for digest, data in sorted(blobs.content.items())})
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with tarfile.open(partial, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, data in files.items():
            _add(tar, name, Entry(name, mode=0o644, data=data))
    partial.replace(path)


def architecture() -> str:
    """This machine's architecture by Go's and OCI's name."""
    machine = platform.machine()
    return ARCHITECTURES.get(machine, machine)


def _describe(image: Image, blobs: _Blobs) -> tuple[dict[str, object], dict[str, object]]:
    """Store one image's blobs; its entry in index.json and the one in manifest.json."""
    layers = [blobs.add(LAYER, data) for data in image.layers]
    config = blobs.add(CONFIG, _json(_config(image, [str(item["digest"]) for item in layers])))
    body = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
    manifest = blobs.add(MANIFEST, _json(body))
    manifest["platform"] = {"architecture": architecture(), "os": "linux"}
    # containerd takes the whole name from the first, other readers the tag from the second
    manifest["annotations"] = {
        "io.containerd.image.name": image.name,
        "org.opencontainers.image.ref.name": image.name,
    }
    docker: dict[str, object] = {
        "Config": _blob_path(config),
        "RepoTags": [image.name],
        "Layers": [_blob_path(item) for item in layers],
    }
    return manifest, docker


def _config(image: Image, digests: list[str]) -> dict[str, object]:
    run: dict[str, object] = {
        "User": image.user,
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *image.environment],
        "WorkingDir": image.working_dir,
    }
    if image.entrypoint:
        run["Entrypoint"] = list(image.entrypoint)
    if image.command:
        run["Cmd"] = list(image.command)
    return {
        "architecture": architecture(),
        "os": "linux",
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": digests},
        "history": [{"created_by": "tyk-upgrade testbed"} for _ in digests],
    }


def _add(tar: tarfile.TarFile, name: str, entry: Entry) -> None:
    data = entry.source.read_bytes() if entry.source is not None else entry.data
    info = tarfile.TarInfo(name)
    info.mode, info.uid, info.gid = entry.mode, entry.owner, entry.owner
    if entry.target is not None:
        info.type, info.linkname = tarfile.SYMTYPE, entry.target
        tar.addfile(info)
    elif data is not None:
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    else:
        info.type = tarfile.DIRTYPE
        tar.addfile(info)


def _blob_path(descriptor: dict[str, object]) -> str:
    return "blobs/" + str(descriptor["digest"]).replace(":", "/")


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
