"""What Helm printed -> records, with the noise that Helm 3.13 to 4.3 put around it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from helm_tyk_upgrade.errors import HelmError
from helm_tyk_upgrade.helm import parse

UPGRADED = {
    "name": "tyk",
    "info": {"status": "pending-upgrade", "description": "Dry run complete", "notes": "Hello"},
    "chart": {"metadata": {"name": "tyk-oss"}, "templates": []},
    "manifest": "---\nkind: ConfigMap\n",
    "hooks": [{"path": "tyk-oss/templates/h.yaml", "manifest": "kind: Job", "events": ["pre-upgrade"]}],
    "version": 4,
    "namespace": "default",
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("Release tyk has been cancelled.\n", ""),
        ("", "\nRelease tyk has been cancelled.\n"),
        ("WARNING: both command and platformCommand are set\n", "\n"),
        ("E1123 20:04:35.123456   17 reflector.go:1 \"Failed to watch\" err={x}\n", ""),
        ("[warning] not JSON\n{not: json}\nwalk.go:74: found symbolic link\n", "trailing {"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("indent", [None, 2])
def test_noise_around_the_json_does_not_matter(before: str, after: str, indent: int | None) -> None:
    output = f"{before}{json.dumps(UPGRADED, indent=indent)}{after}".encode()
    rendered = parse.rendered(output)
    assert (rendered.manifest, rendered.revision, rendered.notes) == ("---\nkind: ConfigMap\n", 4, "Hello")
    assert rendered.hooks == "---\n# Source: tyk-oss/templates/h.yaml\nkind: Job\n"


_LOG = '{"level":"warn","msg":"kubeconfig is group-readable","name":"x"}\n[1] 4711\n[]x\n'


def test_noise_that_is_json_itself_is_not_taken_for_the_answer() -> None:
    meta = {"name": "tyk", "chart": "tyk-oss", "version": "4.0.0", "revision": 3, "status": "deployed"}
    assert parse.metadata(f"{_LOG}{json.dumps(meta, indent=1)}\n".encode()).revision == 3
    assert parse.rendered(f"{_LOG}{json.dumps(UPGRADED)}".encode()).revision == 4
    rows = '[\n{"revision": 4, "status": "deployed"}\n]\n'
    assert parse.history(f"{_LOG.replace('[]x', '')}{rows}".encode())[0].revision == 4


def test_json_that_is_only_noise_is_an_error() -> None:
    with pytest.raises(HelmError, match="no answer, only other JSON"):
        parse.metadata(_LOG.encode())


def test_keys_that_only_helm_4_has_make_no_difference() -> None:
    newer = UPGRADED | {"apply_method": "ssa", "info": {"status": "deployed"}, "hooks": None}
    rendered = parse.rendered(json.dumps(newer).encode())
    assert (rendered.status, rendered.notes, rendered.hooks) == ("deployed", "", "")


@pytest.mark.parametrize(
    "reader", [parse.rendered, parse.stored, parse.metadata, parse.releases, parse.history]
)
@pytest.mark.parametrize("output", [b"", b"no json at all", b"5", b'"text"', b"\xff\xfe", b'{"a": '])
def test_output_without_an_answer_is_an_error(reader: Callable[[bytes], Any], output: bytes) -> None:
    with pytest.raises(HelmError):
        reader(output)


@pytest.mark.parametrize("reader", [parse.rendered, parse.stored])
def test_an_answer_of_another_shape_is_an_error(reader: Callable[[bytes], Any]) -> None:
    for output in (b"[]", b"{}", b'{"name": 5}', b"null"):
        with pytest.raises(HelmError):
            reader(output)


def test_metadata_of_both_majors() -> None:
    old = {"name": "tyk", "chart": "tyk-oss", "version": "4.0.0", "namespace": "n", "revision": 3,
           "status": "deployed", "deployedAt": "2026-01-01T00:00:00Z"}  # fmt: skip
    assert parse.metadata(json.dumps(old).encode()).apply_method == ""
    newer = old | {"applyMethod": "server-side apply", "labels": {}}
    assert parse.metadata(json.dumps(newer).encode()).apply_method == "server-side apply"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ssa", "server-side apply"),
        ("csa", "client-side apply"),
        ("client-side apply (defaulted)", ""),
        ("", ""),
    ],
)
def test_apply_method(text: str, expected: str) -> None:
    assert parse.apply_method(text) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("tyk-oss-5.3.0", ("tyk-oss", "5.3.0")),
        ("tyk-oss-5.3.0-rc1", ("tyk-oss", "5.3.0-rc1")),
        ("tyk-oss-v5.3.0+x.1", ("tyk-oss", "v5.3.0+x.1")),
        ("my-chart-2-1.0.0", ("my-chart-2", "1.0.0")),
        ("tyk-oss", ("tyk-oss", "")),
        ("", ("", "")),
    ],
)
def test_chart_label(label: str, expected: tuple[str, str]) -> None:
    assert parse.chart_label(label) == expected


def test_lists_that_are_null_are_empty() -> None:
    assert parse.releases(b"null") == ()
    assert parse.history(b"[]") == ()
    assert parse.repositories(b"[]\n") == {}


def test_a_list_has_its_revision_as_text() -> None:
    output = b'[{"name":"a","namespace":"n","revision":"12","status":"failed","chart":"tyk-oss-5.3.0"}]'
    (found,) = parse.releases(output)
    assert (found.revision, found.chart, found.chart_version) == (12, "tyk-oss", "5.3.0")


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (b"v3.13.1", (3, 13, 1)),
        (b"v4.3.1+g12ab\n", (4, 3, 1)),
        (b"WARNING: x\nv3.19.0", (3, 19, 0)),
        (b"v4.1.0-rc.1", (4, 1, 0)),
    ],
)
def test_helm_version(output: bytes, expected: tuple[int, int, int]) -> None:
    version = parse.helm_version(output)
    assert (version.major, version.minor, version.patch) == expected


def test_search_takes_only_the_chart_that_was_meant() -> None:
    output = json.dumps(
        [{"name": "tyk/tyk-oss", "version": "6.0.0-rc1"}, {"name": "tyk/tyk-oss-extra", "version": "9.0.0"}]
    ).encode()
    (found,) = parse.search(output, "tyk/tyk-oss")
    assert (found.version, found.prerelease) == ("6.0.0-rc1", True)
