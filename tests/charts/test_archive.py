"""Archives: digests that must agree, hostile contents that must stay inside, charts as Helm reads them."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from helm_tyk_upgrade.charts.archive import (
    LARGEST_CHART,
    get_archive,
    local_archive,
    read_archive,
    read_chart,
)
from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import CatalogueError, NotFound, TykUpgradeError
from helm_tyk_upgrade.model.chart import ChartSource
from testbed.catalogue import Catalogue as StandIn

SOURCE = ChartSource("tyk-oss", "tyk-oss", "https://charts.example", "tyk-helm/tyk-oss")
CHART_YAML = b"apiVersion: v2\nname: small\nversion: 1.0.0\n"


def tgz(*members: tuple[str, bytes], edit: Callable[[tarfile.TarFile], None] = lambda tar: None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        edit(tar)
    return out.getvalue()


def pull_from(folder: Path, pulled: list[str] | None = None) -> Callable[[ChartSource, str, Path], Path]:
    """Stands for `helm pull`: copies from a folder of archives and writes down what was asked."""

    def pull(source: ChartSource, version: str, target: Path) -> Path:
        name = f"{source.name}-{version}.tgz"
        if pulled is not None:
            pulled.append(name)
        return Path(shutil.copy(folder / name, target / name))

    return pull


def digest_of(charts_folder: Path, version: str) -> str:
    return sha256((charts_folder / f"tyk-oss-{version}.tgz").read_bytes())


def test_an_archive_is_verified_by_all_who_publish_its_digest(charts_folder: Path, tmp_path: Path) -> None:
    digest = digest_of(charts_folder, "5.3.0")
    published = {"Artifact Hub": digest, "repository index": digest, "nobody": ""}
    archive = get_archive(SOURCE, "5.3.0", pull_from(charts_folder), tmp_path / "cache", published)
    assert archive.verified_by == ("Artifact Hub", "repository index")
    assert (archive.name, archive.version, archive.digest) == ("tyk-oss", "5.3.0", digest)
    assert sha256(Path(archive.path).read_bytes()) == digest


def test_the_cache_answers_only_for_a_published_digest_and_intact_bytes(
    charts_folder: Path, tmp_path: Path
) -> None:
    pulled: list[str] = []
    published = {"Artifact Hub": digest_of(charts_folder, "5.3.0")}

    def get(known: dict[str, str]) -> str:
        return get_archive(SOURCE, "5.3.0", pull_from(charts_folder, pulled), tmp_path / "c", known).path

    path = get(published)
    get(published)
    assert len(pulled) == 1
    get({})
    assert len(pulled) == 2, "without a published digest the cache proves nothing"
    Path(path).write_bytes(b"spoiled")
    get(published)
    assert len(pulled) == 3
    assert [item.name for item in (tmp_path / "c").iterdir()] == [Path(path).name], "nothing else is left"


@pytest.mark.parametrize(
    "published",
    [{"Artifact Hub": "0" * 64}, {"Artifact Hub": "0" * 64, "repository index": "1" * 64}],
)
def test_a_digest_that_differs_is_an_error_and_nothing_is_kept(
    charts_folder: Path, tmp_path: Path, published: dict[str, str]
) -> None:
    with pytest.raises(CatalogueError, match="Artifact Hub"):
        get_archive(SOURCE, "5.3.0", pull_from(charts_folder), tmp_path / "cache", published)
    assert not list((tmp_path / "cache").glob("*.tgz")) if (tmp_path / "cache").exists() else True


@pytest.mark.parametrize(("name", "version"), [("tyk-oss", "5.1.1"), ("tyk-gateway", "5.3.0")])
def test_another_chart_or_version_in_the_archive_is_an_error(
    charts_folder: Path, tmp_path: Path, name: str, version: str
) -> None:
    def pull(source: ChartSource, asked: str, target: Path) -> Path:
        return Path(shutil.copy(charts_folder / f"{name}-{version}.tgz", target / "x.tgz"))

    with pytest.raises(CatalogueError, match="the archive holds"):
        get_archive(SOURCE, "5.3.0", pull, tmp_path / "cache", {})


@pytest.mark.parametrize(
    "fault", ["zip-slip", "absolute-path", "symlink", "bomb", "not-gzip", "truncated-tgz"]
)
def test_hostile_archives_are_refused_and_write_nothing(
    stand_in: StandIn, tmp_path: Path, fault: str
) -> None:
    from urllib.request import urlopen

    stand_in.faults(repo=[fault])
    with urlopen(f"{stand_in.repo_url}/tyk-oss-5.4.0.tgz") as answer:
        data = answer.read()
    before = set(tmp_path.rglob("*"))
    with pytest.raises(TykUpgradeError) as caught:
        read_archive(data, "tyk-oss-5.4.0.tgz")
    assert "tyk-oss-5.4.0.tgz" in caught.value.message
    assert set(tmp_path.rglob("*")) == before
    assert not Path("/tmp/escaped").exists()


def link(tar: tarfile.TarFile) -> None:
    entry = tarfile.TarInfo("small/values.yaml")
    entry.type, entry.linkname = tarfile.LNKTYPE, "/etc/passwd"
    tar.addfile(entry)


@pytest.mark.parametrize(
    "data",
    [
        tgz(("small/Chart.yaml", CHART_YAML), ("small/a/../../b", b"x")),
        tgz(("small/Chart.yaml", CHART_YAML), ("C:/b", b"x")),
        tgz(("small/Chart.yaml", CHART_YAML), ("small\\b", b"x")),
        tgz(("small/Chart.yaml", CHART_YAML), edit=link),
        tgz(("small/Chart.yaml", CHART_YAML), ("small/big", b"0" * (6 << 20))),
        tgz(("other", b"no chart")),
        tgz(("small/Chart.yaml", b"name: small\n")),
        tgz(("small/Chart.yaml", b"- a list\n")),
        tgz(("small/Chart.yaml", b"a: [\n")),
        gzip.compress(b"not a tar"),
        b"",
    ],
    ids=["dots", "drive", "backslash", "link", "big", "none", "no version", "list", "yaml", "tar", "empty"],
)
def test_broken_or_unsafe_archives_are_errors(data: bytes) -> None:
    with pytest.raises(TykUpgradeError):
        read_archive(data, "small.tgz")


def test_too_many_entries_are_refused() -> None:
    many = [(f"small/f{number}", b"") for number in range(10_001)]
    with pytest.raises(TykUpgradeError, match="entries"):
        read_archive(tgz(("small/Chart.yaml", CHART_YAML), *many), "small.tgz")


def test_a_stream_longer_than_helm_accepts_is_refused_without_unpacking_it() -> None:
    with pytest.raises(TykUpgradeError, match="larger than"):
        read_archive(gzip.compress(bytes(LARGEST_CHART + 1), 1), "small.tgz")


def test_a_chart_is_read_whole(charts_folder: Path) -> None:
    files = read_chart(charts_folder / "tyk-oss-5.3.0.tgz")
    assert (files.name, files.version) == ("tyk-oss", "5.3.0")
    assert files.subcharts == ("charts/tyk-gateway", "charts/tyk-pump")
    assert b"tyk-gateway:" in files.values
    assert "charts/tyk-gateway/templates/deployment-gw-repset.yaml" in files.templates
    assert "values.yaml" not in files.templates


def test_a_subchart_that_is_an_archive_is_opened(charts_folder: Path) -> None:
    inner = tgz(
        ("inner/Chart.yaml", CHART_YAML.replace(b"small", b"inner")), ("inner/values.yaml", b"a: 1\n")
    )
    deep = tgz(
        ("mid/Chart.yaml", CHART_YAML.replace(b"small", b"mid")), ("mid/charts/inner-1.0.0.tgz", inner)
    )
    files = read_archive(
        tgz(("small/Chart.yaml", CHART_YAML), ("small/charts/mid-1.0.0.tgz", deep)), "small.tgz"
    )
    assert files.subcharts == ("charts/mid", "charts/mid/charts/inner")
    assert files.files["charts/mid/charts/inner/values.yaml"] == b"a: 1\n"


def test_archives_inside_archives_end_somewhere() -> None:
    data = tgz(("small/Chart.yaml", CHART_YAML))
    for _ in range(7):
        data = tgz(("small/Chart.yaml", CHART_YAML), ("small/charts/small-1.0.0.tgz", data))
    with pytest.raises(TykUpgradeError, match="deep"):
        read_archive(data, "small.tgz")


def test_a_folder_and_its_archive_hold_the_same_chart(charts_folder: Path, tmp_path: Path) -> None:
    with tarfile.open(charts_folder / "tyk-oss-5.3.0.tgz") as tar:
        tar.extractall(tmp_path, filter="data")
    folder = read_chart(tmp_path / "tyk-oss")
    assert folder.files == read_chart(charts_folder / "tyk-oss-5.3.0.tgz").files


def test_the_digest_of_a_folder_follows_contents_and_names_only(tmp_path: Path) -> None:
    chart = tmp_path / "small"
    chart.mkdir()
    (chart / "Chart.yaml").write_bytes(CHART_YAML)
    (chart / "values.yaml").write_bytes(b"a: 1\n")
    first = local_archive(chart)
    (chart / "values.yaml").touch()
    assert local_archive(chart) == first
    (chart / "values.yaml").write_bytes(b"a: 2\n")
    assert local_archive(chart).digest != first.digest
    (chart / "values.yaml").rename(chart / "renamed.yaml")
    assert len({first.digest, local_archive(chart).digest}) == 2


def test_a_folder_that_links_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    chart = tmp_path / "small"
    chart.mkdir()
    (chart / "Chart.yaml").write_bytes(CHART_YAML)
    (chart / "values.yaml").symlink_to(tmp_path / "secret")
    with pytest.raises(TykUpgradeError, match="outside"):
        read_chart(chart)


def test_a_chart_of_the_users_is_taken_as_it_is(charts_folder: Path, tmp_path: Path) -> None:
    path = charts_folder / "tyk-oss-5.1.1.tgz"
    source = ChartSource("tyk-oss", str(path))
    archive = get_archive(source, "", pull_from(charts_folder), tmp_path / "cache", {})
    assert (archive.path, archive.version, archive.verified_by) == (str(path), "5.1.1", ())
    assert archive.digest == digest_of(charts_folder, "5.1.1")


def test_a_path_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        local_archive(tmp_path / "nothing")
