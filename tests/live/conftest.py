"""Releases on the test cluster, each in a namespace of its own; one Redis, one catalogue and one Helm for all."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testbed.catalogue import Catalogue
from testbed.chart.package import build
from tests.conftest import BINARIES, CHOSEN_BINARY, KUBECONFIG, NO_HELM
from tests.live.harness import LIVENESS, REPO, Canaries, Site, World, run_testbed
from tests.live.leaks import leaks

NewSite = Callable[..., Site]
_HELM = """#!/bin/sh
# Helm, with a record of what everybody on this machine can read while it runs.
printf '%s\\n' "$*" >>"{log}"
exec "{helm}" "$@"
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the cluster, but those of its own search for leaks."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.path.name != "test_leaks.py":
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def catalogue(charts: Path) -> Iterator[Catalogue]:
    """Its newest chart is 5.4.0."""
    with Catalogue(charts) as serving:
        yield serving


@pytest.fixture(scope="session")
def argv_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The arguments of every Helm that was started, a line each."""
    log = tmp_path_factory.mktemp("argv") / "log"
    log.touch()
    return log


@pytest.fixture(scope="session")
def world(
    tmp_path_factory: pytest.TempPathFactory, charts: Path, catalogue: Catalogue, argv_log: Path
) -> Iterator[World]:
    """A namespace with a Redis that wants a password, and everything the program needs from its environment."""
    chosen = CHOSEN_BINARY or (BINARIES[-1] if BINARIES else "")
    if not chosen:
        pytest.skip(NO_HELM)
    if not KUBECONFIG:
        pytest.skip("no test cluster: set TYK_UPGRADE_TEST_KUBECONFIG (scripts/test does)")
    folder = tmp_path_factory.mktemp("live")
    canaries = Canaries(f"canary-api-{secrets.token_hex(8)}", f"canary-redis-{secrets.token_hex(8)}")
    namespace = f"live-redis-{secrets.token_hex(3)}"
    made = World(
        _environment(folder, chosen, argv_log, catalogue),
        _kubectl(),
        canaries,
        f"redis.{namespace}.svc:6379",
        charts,
        folder,
    )
    password = folder / "password"
    password.write_text(canaries.password)
    try:
        run_testbed("redis", "up", namespace, "--password-file", str(password))
        yield made
    finally:
        made.kube("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
    # Comes last of all: what every test of this process left behind. A leak is an error of the last test.
    assert leaks(canaries, argv_log, folder.parent) == []


def _environment(folder: Path, helm: str, argv_log: Path, catalogue: Catalogue) -> dict[str, str]:
    wrapper = folder / "bin" / "helm"
    wrapper.parent.mkdir()
    wrapper.write_text(_HELM.format(log=argv_log, helm=shutil.which(helm) or helm))
    wrapper.chmod(0o755)
    plugins = folder / "helm" / "data" / "plugins"
    plugins.mkdir(parents=True)
    home = folder / "home"
    home.mkdir()
    return {
        "PATH": f"{wrapper.parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "KUBECONFIG": KUBECONFIG,
        "PYTHONPATH": str(REPO),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HELM_BIN": str(wrapper),
        "HELM_CACHE_HOME": str(folder / "helm" / "cache"),
        "HELM_CONFIG_HOME": str(folder / "helm" / "config"),
        "HELM_DATA_HOME": str(folder / "helm" / "data"),
        "HELM_PLUGINS": str(plugins),
        "TYK_UPGRADE_CATALOGUE": catalogue.hub_url,
    }


def _kubectl() -> str:
    command = [str(REPO / "scripts" / "testbed"), "kubectl"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.strip()


@pytest.fixture(scope="session")
def new_site(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewSite]:
    """Makes namespaces, each with a folder; all are deleted in the end."""
    made: list[str] = []

    def make(name: str) -> Site:
        namespace = f"live-{name}-{secrets.token_hex(3)}"
        made.append(namespace)
        world.kube("create", "namespace", namespace)
        return Site(world, namespace, tmp_path_factory.mktemp(name))

    yield make
    if made:
        world.kube("delete", "namespace", *made, "--wait=false", "--ignore-not-found")


def _steady(site: Site) -> None:
    site.install("4.0.0", site.world.values(tag="v5.9.1"))


def _old(site: Site) -> None:
    """Its values.yaml lost a value that the release has."""
    # Until 5.4.0 the gateway read seconds there, afterwards nanoseconds: its own 10 s are right for both.
    values = site.world.values(envs={})
    site.install("2.2.0", values + "    service: {annotations: {team: blue}}\n")
    site.file.write_text(values)


def _shaped(site: Site) -> None:
    """TLS, a control port of its own, another health path, two pods."""
    envs = {LIVENESS: "1000000000", "TYK_GW_HEALTHCHECKENDPOINTNAME": "alive"}
    more = (
        "    control: {enabled: true}\n"
        "    livenessProbe:\n      httpGet: {scheme: HTTPS, path: /alive, port: 9696}\n"
    )
    values = site.world.values(envs=envs, replicas=2, probe=("HTTPS", "/alive", 9696), more=more)
    site.install("5.1.1", values.replace("  redis:\n", "  tls: {gateway: true}\n  redis:\n", 1))


def _with_redis(site: Site) -> None:
    """A Redis of its own, to be stopped."""
    password = site.folder / "password"
    password.write_text(site.world.canaries.password)
    run_testbed("redis", "up", site.namespace, "--password-file", str(password))
    password.unlink()
    site.install("4.0.0", site.world.values(tag="v5.9.1", redis=f"redis.{site.namespace}.svc:6379"))


def _installed(new_site: NewSite, name: str, prepare: Callable[[Site], None]) -> Site:
    site = new_site(name)
    prepare(site)
    return site


@pytest.fixture(scope="session")
def always_steady(new_site: NewSite) -> Site:
    return _installed(new_site, "steady", _steady)


@pytest.fixture
def steady(always_steady: Site) -> Site:
    """tyk-oss 4.0.0 with gateway 5.9.1, healthy, for tests after which it is so again. What a failed test left
    behind is cleared away here."""
    site = always_steady
    newest = site.release()
    if (newest["status"], newest["chart"]) != ("deployed", "tyk-oss-4.0.0") or site.images() != {"v5.9.1"}:
        site.world.helm("uninstall", "tyk", "-n", site.namespace, "--wait")
        _steady(site)
    site.file.write_text(site.world.values(tag="v5.9.1"))
    return site


@pytest.fixture(scope="session")
def old(new_site: NewSite) -> Site:
    """tyk-oss 2.2.0 with gateway 5.3.8."""
    return _installed(new_site, "old", _old)


@pytest.fixture(scope="session")
def tagged(new_site: NewSite) -> Site:
    """tyk-oss 4.0.0, its tag in values.yaml."""
    return _installed(new_site, "tagged", _steady)


@pytest.fixture(scope="session")
def shaped(new_site: NewSite) -> Site:
    """tyk-oss 5.1.1 with TLS, a control port and another health path; two pods."""
    return _installed(new_site, "shaped", _shaped)


@pytest.fixture(scope="session")
def planned(new_site: NewSite) -> Site:
    """tyk-oss 4.0.0, to make plans for."""
    return _installed(new_site, "planned", lambda site: site.install("4.0.0", site.world.values()))


@pytest.fixture(scope="session")
def stored(new_site: NewSite) -> Site:
    """tyk-oss 4.0.0 with two pods, to hold APIs."""
    return _installed(
        new_site, "stored", lambda site: site.install("4.0.0", site.world.values(tag="v5.9.1", replicas=2))
    )


@pytest.fixture(scope="session")
def outage(new_site: NewSite) -> Site:
    """tyk-oss 4.0.0 with a Redis of its own."""
    return _installed(new_site, "outage", _with_redis)
