"""Where the tag is edited, and that nothing else in the file changes."""

from __future__ import annotations

import json

import pytest

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import TykUpgradeError, UsageError
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.planning.edits import edit_value, overlay, place_of

TAG = ("tyk-gateway", "gateway", "image", "tag")
NAME = "tyk-gateway.gateway.image.tag"
DEFINES = b"tyk-gateway:\n  gateway:\n    image:\n      tag: v5.3.8  # pinned\n"
OTHER = b"global:\n  redis:\n    addrs: [a:6379]\n"


def file(path: str, data: bytes) -> ValuesFile:
    return ValuesFile(path, data, sha256(data), 0o644)


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ([DEFINES], 0),
        ([DEFINES, OTHER], 0),
        ([OTHER, DEFINES], 1),
        ([DEFINES, DEFINES], 1),
        ([OTHER, OTHER], 1),
        ([OTHER, b""], 1),
        ([OTHER, b"tyk-gateway:\n  gateway: text\n"], 1),
    ],
)
@pytest.mark.parametrize("major", [3, 4])
def test_the_edit_belongs_to_the_last_file_that_has_the_key_else_the_last(
    files: list[bytes], place: int, major: int
) -> None:
    given = tuple(file(f"{number}.yaml", data) for number, data in enumerate(files))
    assert place_of(TAG, given, Layers(), major) == given[place]


def test_without_a_file_there_is_no_place() -> None:
    assert place_of(TAG, (), Layers(), 4) is None


@pytest.mark.parametrize("flag", ["--set", "--set-string", "--set-json"])
def test_a_set_that_overrides_the_edit_is_an_error(flag: str) -> None:
    with pytest.raises(UsageError, match=f"{flag} {NAME}"):
        place_of(TAG, (file("v.yaml", DEFINES),), Layers((), ((flag, f"{NAME}=v1"),)), 4)


def test_another_set_is_none() -> None:
    layers = Layers((), (("--set", f"{NAME}x=v1"), ("--set", "a=1")))
    assert place_of(TAG, (file("v.yaml", DEFINES),), layers, 4) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DEFINES, DEFINES.replace(b"v5.3.8", b"v5.13.1")),
        (
            DEFINES.replace(b"\n", b"\r\n") + b"# end",
            DEFINES.replace(b"\n", b"\r\n").replace(b"v5.3.8", b"v5.13.1") + b"# end",
        ),
        (
            b"tyk-gateway:\n  gateway:\n    # why\n    replicaCount: 2\n",
            b"tyk-gateway:\n  gateway:\n    # why\n    replicaCount: 2\n    image:\n      tag: v5.13.1\n",
        ),
        (OTHER, OTHER + b"tyk-gateway:\n  gateway:\n    image:\n      tag: v5.13.1\n"),
        (b"", b"tyk-gateway:\n  gateway:\n    image:\n      tag: v5.13.1\n"),
    ],
)
def test_only_the_bytes_of_the_tag_change(before: bytes, after: bytes) -> None:
    edited = edit_value(file("v.yaml", before), TAG, "v5.13.1", "because", 4)
    assert edited.after == after
    assert (edited.before, edited.digest_before) == (before, sha256(before))
    (edit,) = edited.edits
    assert (edit.path, edit.new, edit.reason) == (TAG, "v5.13.1", "because")


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"tyk-gateway: null\n", "tyk-gateway"),
        (b"tyk-gateway: text\n", "tyk-gateway"),
        (b"tyk-gateway:\n  gateway:\n    image: null\n", "tyk-gateway.gateway.image"),
    ],
)
def test_what_is_no_map_on_the_way_is_refused(data: bytes, where: str) -> None:
    with pytest.raises(TykUpgradeError, match=f"v.yaml: {where} is no map") as caught:
        edit_value(file("v.yaml", data), TAG, "v5.13.1", "because", 4)
    assert "by hand" in caught.value.hint


def test_a_file_that_is_as_wanted_stays_byte_for_byte() -> None:
    edited = edit_value(file("v.yaml", DEFINES), TAG, "v5.3.8", "because", 4)
    assert edited.after == DEFINES


def test_a_sops_file_is_never_edited() -> None:
    data = DEFINES + b"sops:\n  version: 3.9.0\n"
    with pytest.raises(TykUpgradeError, match=r"v\.yaml is encrypted by sops") as caught:
        edit_value(file("v.yaml", data), TAG, "v5.13.1", "because", 4)
    assert NAME in caught.value.hint


def test_an_overlay_holds_the_one_value() -> None:
    expected = {"tyk-gateway": {"gateway": {"image": {"tag": "v5.13.1"}}}}
    assert json.loads(overlay(TAG, "v5.13.1")) == expected
