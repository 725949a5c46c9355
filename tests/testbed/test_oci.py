"""Archives are valid OCI image layouts: every digest names the bytes it says."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from testbed.images.oci import Entry, Image, layer, write_archive

HELLO = Entry("/opt/hello", data=b"#!/bin/sh\n")
LINK = Entry("/bin/sh", target="busybox")


def members(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {item.name: item for item in tar.getmembers()}


def files(path: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(path) as tar:
        for item in tar.getmembers():
            content = tar.extractfile(item)
            assert content is not None
            found[item.name] = content.read()
    return found


def archive(tmp_path: Path, *images: Image) -> dict[str, bytes]:
    write_archive(tmp_path / "images.tar", list(images))
    return files(tmp_path / "images.tar")


def blob(content: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    data = content["blobs/" + descriptor["digest"].replace(":", "/")]
    assert descriptor["size"] == len(data)
    assert descriptor["digest"] == "sha256:" + hashlib.sha256(data).hexdigest()
    return data


def image(name: str, **changes: Any) -> Image:
    return Image(**{"name": name, "layers": (layer([HELLO]),), "user": "0", **changes})


def test_layer_has_the_folders_above_each_entry_and_no_times() -> None:
    found = members(layer([HELLO, LINK]))
    assert list(found) == ["bin", "bin/sh", "opt", "opt/hello"]
    assert found["opt"].isdir()
    assert found["bin/sh"].issym()
    assert found["bin/sh"].linkname == "busybox"
    assert {item.mtime for item in found.values()} == {0}


def test_layer_keeps_mode_and_owner_of_a_folder() -> None:
    found = members(layer([Entry("/data", mode=0o1777, owner=65532), Entry("/data/in", data=b"")]))
    assert (found["data"].mode, found["data"].uid, found["data"].gid) == (0o1777, 65532, 65532)


def test_manifest_leads_to_config_and_layers(tmp_path: Path) -> None:
    content = archive(
        tmp_path,
        image(
            "a.test/x:1", user="65532", environment=("A=b",), entrypoint=("/opt/hello",), working_dir="/opt"
        ),
    )
    index = json.loads(content["index.json"])
    (entry,) = index["manifests"]
    assert entry["annotations"]["io.containerd.image.name"] == "a.test/x:1"
    manifest = json.loads(blob(content, entry))
    config = json.loads(blob(content, manifest["config"]))
    assert config["config"]["User"] == "65532"
    assert "A=b" in config["config"]["Env"]
    assert config["config"]["Entrypoint"] == ["/opt/hello"]
    assert config["config"]["WorkingDir"] == "/opt"
    (described,) = manifest["layers"]
    assert config["rootfs"]["diff_ids"] == [described["digest"]]
    assert "opt/hello" in members(blob(content, described))


def test_images_of_one_archive_share_equal_layers(tmp_path: Path) -> None:
    content = archive(
        tmp_path, image("a.test/x:1", environment=("V=1",)), image("a.test/x:2", environment=("V=2",))
    )
    blobs = [name for name in content if name.startswith("blobs/")]
    assert len(json.loads(content["index.json"])["manifests"]) == 2
    assert len(blobs) == 5  # one layer, two configurations, two manifests


def test_docker_list_names_the_same_blobs(tmp_path: Path) -> None:
    content = archive(tmp_path, image("a.test/x:1"))
    (listed,) = json.loads(content["manifest.json"])
    assert listed["RepoTags"] == ["a.test/x:1"]
    assert {listed["Config"], *listed["Layers"]} <= set(content)


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_archive(tmp_path / name, [image("a.test/x:1")])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]  # no partial file stays
