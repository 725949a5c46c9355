"""Where a release's chart comes from, by table."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.charts.source import TYK_REPOSITORY, source_of, with_catalogue
from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.model.chart import Catalogued, ChartSource


@pytest.mark.parametrize(
    ("chart", "given", "repo", "expected"),
    [
        ("tyk-oss", "", "", ChartSource("tyk-oss", "tyk-oss", TYK_REPOSITORY, "tyk-helm/tyk-oss")),
        ("tyk-mdcb-data-plane", "", "",
         ChartSource("tyk-data-plane", "tyk-data-plane", TYK_REPOSITORY, "tyk-helm/tyk-data-plane")),
        ("tyk-oss", "", "https://charts.example/x", ChartSource("tyk-oss", "tyk-oss", "https://charts.example/x")),
        ("tyk-oss", "", "HTTPS://helm.tyk.io/public/helm/charts",
         ChartSource("tyk-oss", "tyk-oss", "HTTPS://helm.tyk.io/public/helm/charts", "tyk-helm/tyk-oss")),
        ("tyk-oss", "company/tyk", "", ChartSource("tyk", "company/tyk")),
        ("tyk-oss", "oci://registry.example/charts/tyk-oss", "",
         ChartSource("tyk-oss", "oci://registry.example/charts/tyk-oss", package="tyk-helm/tyk-oss")),
        ("tyk-oss", "oci://registry.example/charts/tyk-oss:5.3.0", "",
         ChartSource("tyk-oss", "oci://registry.example/charts/tyk-oss:5.3.0", package="tyk-helm/tyk-oss")),
        ("tyk-oss", "./charts/tyk-oss", "", ChartSource("tyk-oss", "./charts/tyk-oss")),
        ("tyk-oss", "/srv/tyk-oss-5.3.0.tgz", "", ChartSource("tyk-oss", "/srv/tyk-oss-5.3.0.tgz")),
        ("tyk-oss", "charts/tyk-oss-5.3.0.tgz", "", ChartSource("tyk-oss", "./charts/tyk-oss-5.3.0.tgz")),
    ],
)  # fmt: skip
def test_source(chart: str, given: str, repo: str, expected: ChartSource) -> None:
    assert source_of(chart, given=given, repo=repo) == expected


@pytest.mark.parametrize(
    ("given", "repo"),
    [
        ("", "charts.example"),
        ("oci://r.example/x", "https://charts.example"),
        ("a/b", "https://charts.example"),
    ],
)
def test_contradictions_are_usage_errors(given: str, repo: str) -> None:
    with pytest.raises(UsageError, match="--repo"):
        source_of("tyk-oss", given=given, repo=repo)


def test_a_password_in_repo_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        source_of("tyk-oss", repo="ftp://user:hunter2hunter2@charts.example/x")
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (source_of("tyk-oss"), "https://mirror.example/"),
        (source_of("tyk-oss", repo="https://own.example/"), "https://own.example/"),
        (source_of("tyk-oss", given="company/tyk"), ""),
    ],
)
def test_only_the_default_repository_gives_way_to_the_catalogues(source: ChartSource, expected: str) -> None:
    told = Catalogued("tyk-oss", (), "Artifact Hub", "https://mirror.example/")
    assert with_catalogue(source, told).repository == expected
