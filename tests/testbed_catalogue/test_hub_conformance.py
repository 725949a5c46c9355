"""The catalogue answers as the real Artifact Hub did when its answers were recorded."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from testbed.catalogue import Catalogue
from testbed.catalogue.charts import read_folder, semver_order
from testbed.chart import package
from tests.testbed_catalogue.client import Client

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "artifacthub"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("recorded", "path"),
    [
        ("package-tyk-oss.json", "/packages/helm/tyk-helm/tyk-oss"),
        ("package-tyk-oss-2.2.0.json", "/packages/helm/tyk-helm/tyk-oss/2.2.0"),
        ("package-tyk-oss-5.3.0.json", "/packages/helm/tyk-helm/tyk-oss/5.3.0"),
        ("package-tyk-gateway.json", "/packages/helm/tyk-helm/tyk-gateway"),
        ("search-tyk-helm.json", "/packages/search?kind=0&repo=tyk-helm"),
        ("changelog-tyk-oss.json", "/packages/{id}/changelog"),
        ("unknown-version.json", "/packages/helm/tyk-helm/tyk-oss/9.9.9"),
    ],
)
def test_same_keys_and_types_as_the_recorded_answer(
    catalogue: Catalogue, hub: Client, recorded: str, path: str
) -> None:
    theirs = json.loads(_recorded(recorded))
    ours = hub(path.replace("{id}", catalogue.package_id("tyk-oss"))).json()
    assert _shape(ours) == _shape(theirs)


@pytest.mark.parametrize("version", ["2.2.0", "4.0.0", "5.0.0", "5.3.0"])
def test_same_facts_as_the_recorded_package(hub: Client, version: str) -> None:
    theirs = json.loads(_recorded(f"package-tyk-oss-{version}.json"))
    ours = hub(f"/packages/helm/tyk-helm/tyk-oss/{version}").json()
    for field in ("name", "normalized_name", "category", "version", "data", "ts", "signed", "prerelease"):
        assert ours[field] == theirs[field], field
    assert [_bare(i) for i in ours["containers_images"]] == [_bare(i) for i in theirs["containers_images"]]


@pytest.mark.parametrize(
    ("path", "content_type", "max_age"),
    [
        ("/packages/helm/tyk-helm/tyk-oss", "application/json", 300),
        ("/packages/helm/tyk-helm/tyk-oss/5.3.0", "application/json", 300),
        ("/packages/helm/tyk-helm/tyk-oss/summary", "application/json", 300),
        ("/packages/helm/tyk-helm/tyk-oss/", "application/json", 300),
        ("/packages/search", "application/json", 300),
        ("/packages/{id}/5.3.0/values", "application/yaml", 86400),
        ("/packages/{id}/5.3.0/templates", "application/json", 86400),
        ("/packages/{id}/5.3.0/values-schema", "application/json", 300),
        ("/packages/{id}/5.3.0/security-report", "application/json", 300),
        ("/packages/{id}/changelog", "application/json", 300),
    ],
)
def test_type_and_cache_header_of_each_route(
    catalogue: Catalogue, hub: Client, path: str, content_type: str, max_age: int
) -> None:
    answer = hub(path.replace("{id}", catalogue.package_id("tyk-oss")))
    assert (answer.status, answer.headers["content-type"]) == (200, content_type)
    assert answer.headers["cache-control"] == f"max-age={max_age}"
    assert "csrf" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("method", "path", "status", "content_type", "body"),
    [
        ("GET", "/packages/helm/tyk-helm/tyk-oss/9.9.9", 404, "application/json", b'{"message":""}\n'),
        ("GET", "/packages/helm/tyk-helm/tyk-oss/newest", 404, "application/json", b'{"message":""}\n'),
        ("GET", "/packages/helm/tyk-helm/TYK-OSS", 404, "application/json", b'{"message":""}\n'),
        ("GET", "/packages/helm/other/tyk-oss", 404, "application/json", b'{"message":""}\n'),
        ("GET", "/packages/helm/tyk-helm/tyk-single-dc", 404, "application/json", b'{"message":""}\n'),
        ("GET", "/packages/helm/tyk-helm/tyk-oss/changelog.md", 404, "application/json", b'{"message":""}\n'),
        ("GET", f"/packages/{UNKNOWN_ID}/5.3.0/values", 404, "application/json", b'{"message":""}\n'),
        ("GET", "/packages/{id}/9.9.9/values", 404, "application/json", b'{"message":""}\n'),
        ("GET", "/packages/no-uuid/5.3.0/values", 200, "text/html; charset=utf-8", None),
        ("GET", "/packages/olm/tyk-helm/tyk-oss", 200, "text/html; charset=utf-8", None),
        ("GET", "/pakages/search", 200, "text/html; charset=utf-8", None),
        ("HEAD", "/packages/helm/tyk-helm/tyk-oss", 405, "text/plain; charset=utf-8", b""),
        (
            "POST",
            "/packages/helm/tyk-helm/tyk-oss",
            403,
            "text/plain; charset=utf-8",
            b"Forbidden - referer not supplied\n",
        ),
        (
            "GET",
            "/packages/search?limit=500",
            400,
            "application/json",
            b'{"message":"invalid input: invalid limit (0 < l <= 60)"}\n',
        ),
    ],
)
def test_pitfalls(
    catalogue: Catalogue,
    hub: Client,
    method: str,
    path: str,
    status: int,
    content_type: str,
    body: bytes | None,
) -> None:
    answer = hub(path.replace("{id}", catalogue.package_id("tyk-oss")), method)
    assert (answer.status, answer.headers["content-type"]) == (status, content_type)
    assert answer.body.startswith(b"<!doctype html>") if body is None else answer.body == body


@pytest.mark.parametrize("chart", package.CHARTS)
def test_values_are_the_charts_bytes_with_their_comments(
    catalogue: Catalogue, hub: Client, chart: str
) -> None:
    release = next(r for r in package.releases() if r.version == "5.3.0")
    answer = hub(f"/packages/{catalogue.package_id(chart)}/5.3.0/values")
    assert answer.body == package.compose(chart, release)["values.yaml"]
    assert (answer.headers["accept-ranges"], answer.headers["x-content-type-options"]) == ("bytes", "nosniff")


@pytest.mark.parametrize(
    ("asked", "status", "part", "content_range"),
    [
        ("bytes=0-9", 206, slice(0, 10), "bytes 0-9/{size}"),
        ("bytes=10-", 206, slice(10, None), "bytes 10-{last}/{size}"),
        ("bytes=-5", 206, slice(-5, None), "bytes {tail}-{last}/{size}"),
        ("bytes=0-99999999", 206, slice(0, None), "bytes 0-{last}/{size}"),
        ("bytes=99999999-", 416, None, "bytes */{size}"),
        ("lines=1-2", 200, slice(0, None), None),
    ],
)
def test_values_in_ranges(
    catalogue: Catalogue, hub: Client, asked: str, status: int, part: slice | None, content_range: str | None
) -> None:
    path = f"/packages/{catalogue.package_id('tyk-oss')}/5.3.0/values"
    whole = hub(path).body
    answer = hub(path, Range=asked)
    assert answer.status == status
    assert part is None or answer.body == whole[part]
    size = len(whole)
    expected = content_range and content_range.format(size=size, last=size - 1, tail=size - 5)
    assert answer.headers.get("content-range") == expected


def test_schema_and_report_are_empty_where_there_are_none(catalogue: Catalogue, hub: Client) -> None:
    for route in ("values-schema", "security-report"):
        assert hub(f"/packages/{catalogue.package_id('tyk-oss')}/5.3.0/{route}").body == b""


def test_templates_hold_the_root_charts_templates_and_parsed_values(
    catalogue: Catalogue, hub: Client
) -> None:
    found = hub(f"/packages/{catalogue.package_id('tyk-oss')}/5.3.0/templates").json()
    names = [template["name"] for template in found["templates"]]
    assert "templates/NOTES.txt" in names
    assert all(name.startswith("templates/") for name in names)
    assert b"Thank you" in base64.b64decode(found["templates"][names.index("templates/NOTES.txt")]["data"])
    assert found["values"]["tyk-gateway"]["gateway"]["image"]["tag"] == "v5.9.1"


def test_summary_has_no_list_of_versions(hub: Client) -> None:
    summary = hub("/packages/helm/tyk-helm/tyk-oss/summary").json()
    assert "available_versions" not in summary
    assert summary["version"] == max((r.version for r in package.releases()), key=semver_order)


def test_versions_are_in_order_of_publication(tmp_path: Path) -> None:
    dates = {"1.0.0": 300, "0.9.1": 400, "2.0.0-alpha.1": 200}
    for version, ts in dates.items():
        _write_chart(tmp_path, version, ts)
    with Catalogue(tmp_path) as catalogue:
        found = Client(catalogue.hub_url)("/packages/helm/tyk-helm/own").json()
    assert [v["version"] for v in found["available_versions"]] == ["0.9.1", "1.0.0", "2.0.0-alpha.1"]
    assert [v["ts"] for v in found["available_versions"]] == [400, 300, 200]
    assert (found["version"], found["prerelease"]) == ("2.0.0-alpha.1", False)


def test_search_finds_words_pages_and_hides_deprecated_charts(tmp_path: Path) -> None:
    for name in ("first-one", "second-one", "third"):
        _write_chart(tmp_path, "1.0.0", 1, name=name, deprecated=name == "second-one")
    with Catalogue(tmp_path) as catalogue:
        search = Client(catalogue.hub_url)

        def names(query: str) -> tuple[list[str], str]:
            answer = search(f"/packages/search?{query}")
            return [p["name"] for p in answer.json()["packages"]], answer.headers["pagination-total-count"]

        assert names("ts_query_web=one") == (["first-one"], "1")
        assert names("ts_query_web=one&deprecated=true") == (["first-one", "second-one"], "2")
        assert names("deprecated=true&limit=1&offset=2") == (["third"], "3")
        assert names("kind=3") == ([], "0")
        assert names("repo=other") == ([], "0")


def test_gateway_of_another_tag_is_stated(charts: Path) -> None:
    with Catalogue(charts, gateway_of={"5.3.0": "v9.9.9"}) as catalogue:
        found = Client(catalogue.hub_url)("/packages/helm/tyk-helm/tyk-oss/5.3.0").json()
    assert [i["image"] for i in found["containers_images"]] == [
        "busybox:1.32",
        "tyk-upgrade.test/tyk-gateway:v9.9.9",
    ]


def test_package_ids_are_the_same_in_every_run(charts: Path, catalogue: Catalogue) -> None:
    with Catalogue(charts) as other:
        assert other.package_id("tyk-oss") == catalogue.package_id("tyk-oss")


def test_repository_serves_what_the_hub_points_to(hub: Client, repo: Client, catalogue: Catalogue) -> None:
    entries = yaml.safe_load(repo("/index.yaml").body)["entries"]
    for chart in package.CHARTS:
        for entry in entries[chart]:
            archive = repo(f"/{entry['urls'][0]}")
            assert hashlib.sha256(archive.body).hexdigest() == entry["digest"]
            found = hub(f"/packages/helm/tyk-helm/{chart}/{entry['version']}").json()
            assert found["digest"] == entry["digest"]
            assert found["content_url"] == f"{catalogue.repo_url}/{entry['urls'][0]}"


def test_index_repeats_the_folders_own_index(repo: Client, charts: Path) -> None:
    served, built = (
        yaml.safe_load(text) for text in (repo("/index.yaml").body, (charts / "index.yaml").read_text())
    )
    assert served["entries"] == built["entries"]


def test_repository_answers_head_and_404(repo: Client) -> None:
    assert repo("/tyk-oss-5.3.0.tgz", "HEAD").status == 200
    assert repo("/tyk-oss-5.3.1.tgz").status == 404


def test_chart_added_to_the_folder_appears_after_a_reload(tmp_path: Path) -> None:
    _write_chart(tmp_path, "1.0.0", 1)
    with Catalogue(tmp_path) as catalogue:
        client = Client(catalogue.hub_url)
        _write_chart(tmp_path, "1.1.0", 2)
        assert client("/packages/helm/tyk-helm/own").json()["version"] == "1.0.0"
        assert Client(catalogue.url)("/-/reload", "POST").status == 200
        assert client("/packages/helm/tyk-helm/own").json()["version"] == "1.1.0"


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("1.9.0", "1.10.0"),
        ("1.0.0-alpha", "1.0.0"),
        ("1.0.0-2", "1.0.0-10"),
        ("1.0.0-9", "1.0.0-a"),
        ("1.0.0-a", "1.0.0-a.1"),
    ],
)
def test_semver_order(lower: str, higher: str) -> None:
    assert semver_order(lower) < semver_order(higher)


def test_folder_without_charts_is_an_empty_catalogue(tmp_path: Path) -> None:
    assert read_folder(tmp_path) == ()
    with Catalogue(tmp_path) as catalogue:
        assert Client(catalogue.hub_url)("/packages/search").json() == {"packages": []}


def _recorded(name: str) -> str:
    path = RECORDED / name
    if not path.exists():
        pytest.skip(f"no recorded answer {name}: the corpus folder is absent")
    return path.read_text()


def _shape(node: Any) -> Any:
    """Keys and types; a list is as its first entry."""
    if isinstance(node, dict):
        return {key: _shape(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_shape(node[0])] if node else []
    return type(node).__name__


def _bare(image: dict[str, Any]) -> str:
    return str(image["image"]).rsplit("/", 1)[-1]


def _write_chart(folder: Path, version: str, ts: int, name: str = "own", deprecated: bool = False) -> None:
    metadata = {"apiVersion": "v2", "name": name, "version": version, "deprecated": deprecated}
    path = folder / f"{name}-{version}.tgz"
    path.write_bytes(
        package.archive(name, {"Chart.yaml": yaml.safe_dump(metadata).encode(), "values.yaml": b"a: 1\n"})
    )
    os.utime(path, (ts, ts))
