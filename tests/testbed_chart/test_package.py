"""Composing and packaging, without Helm."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
import yaml

from testbed.chart import package

RELEASES = {release.version: release for release in package.releases()}


def test_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        package.build(tmp_path / folder)
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / f).iterdir()} for f in ("first", "second"))
    assert first == second
    assert len(first) == len(RELEASES) * len(package.CHARTS) + 1


def test_index_has_digest_date_and_url_of_each_archive(tmp_path: Path) -> None:
    index = yaml.safe_load(package.build(tmp_path, "http://127.0.0.1:1/charts/").read_text())
    for chart, entries in index["entries"].items():
        assert [entry["version"] for entry in entries] == list(reversed(RELEASES))
        for entry in entries:
            name = f"{chart}-{entry['version']}.tgz"
            assert entry["urls"] == [f"http://127.0.0.1:1/charts/{name}"]
            assert entry["digest"] == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
            assert entry["created"] == RELEASES[entry["version"]].created


@pytest.mark.parametrize("version", RELEASES)
def test_archive_holds_the_components_below_charts(version: str) -> None:
    data = package.archive("tyk-oss", package.compose("tyk-oss", RELEASES[version]))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        names = tar.getnames()
    assert names[0] == "tyk-oss/Chart.yaml"
    assert {"tyk-oss/charts/tyk-gateway/Chart.yaml", "tyk-oss/charts/tyk-pump/values.yaml"} <= set(names)


@pytest.mark.parametrize("version", RELEASES)
def test_nothing_of_the_composer_is_left_in_a_chart(version: str) -> None:
    for name, data in package.compose("tyk-oss", RELEASES[version]).items():
        assert b"#@" not in data, name
        assert b"@@" not in data, name


@pytest.mark.parametrize("version", RELEASES)
def test_umbrella_and_component_pin_their_own_gateway(version: str) -> None:
    files = package.compose("tyk-oss", RELEASES[version])
    umbrella, component = (yaml.safe_load(files[f"{at}values.yaml"]) for at in ("", "charts/tyk-gateway/"))
    assert umbrella["tyk-gateway"]["gateway"]["image"]["tag"] == RELEASES[version].oss_gateway
    alone = yaml.safe_load(package.compose("tyk-gateway", RELEASES[version])["values.yaml"])
    assert alone["gateway"]["image"] == {
        "repository": "tyk-upgrade.test/tyk-gateway",
        "tag": RELEASES[version].gateway,
        "pullPolicy": "IfNotPresent",
    }
    assert component["gateway"]["image"]["tag"] == RELEASES[version].gateway


@pytest.mark.parametrize(
    ("old", "new", "added", "removed"),
    [
        (
            "1.6.0",
            "2.0.0",
            {"enablePathPrefixMatching", "enablePathSuffixMatching", "enableStrictRoutes"},
            set(),
        ),
        ("2.0.0", "2.2.0", {"log", "livenessProbe", "readinessProbe", "extraContainers"}, set()),
        ("5.3.0", "5.4.0", {"lifecycle", "strategy"}, set()),
    ],
)
def test_gateway_keys_change_as_published(old: str, new: str, added: set[str], removed: set[str]) -> None:
    before, after = (
        set(yaml.safe_load(package.compose("tyk-oss", RELEASES[v])["values.yaml"])["tyk-gateway"]["gateway"])
        for v in (old, new)
    )
    assert (after - before, before - after) == (added, removed)


@pytest.mark.parametrize(
    ("version", "kept"),
    [("1.0.0", "a\nold\nz\n"), ("2.0.0", "a\nnew\nz\n"), ("10.0.0", "a\nnew\nnewest\nz\n")],
)
def test_directives_keep_what_belongs_to_the_version(version: str, kept: str) -> None:
    text = "a\n#@ before 2.0.0\nold\n#@ end\n#@ since 2.0.0\nnew\n#@ since 9.0.0\nnewest\n#@ end\n#@ end\nz\n"
    assert package.compose_text(text, version, {}) == kept


@pytest.mark.parametrize("text", ["#@ end\n", "#@ since 1.0.0\n", "#@ sinse 1.0.0\n#@ end\n"])
def test_wrong_directive_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"directive|no '#@ end'"):
        package.compose_text(text, "1.0.0", {})
