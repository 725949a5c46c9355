"""Thirty secrets, planted in every place where one may stand, are in no output of any command: on neither stream, in no
format, in no file outside of bundles, in no child's arguments; nor when something goes wrong and others quote them."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from testbed.catalogue import Catalogue
from testbed.chart.package import archive, compose, releases
from tests.live.conftest import NewSite
from tests.live.harness import FAST, Canaries, Done, Site
from tests.live.leaks import leaks
from tests.live.planting import PLACES, WORD, b64, found_in, pem, secret, template
from tests.live.test_apis import api, inventories

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: planteds.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{kind: Planted, plural: planteds}}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
"""
IN_THE_CLUSTER = """
apiVersion: v1
kind: Secret
metadata: {{name: registry}}
type: kubernetes.io/dockerconfigjson
data: {{.dockerconfigjson: {docker}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: certificate}}
data: {{tls.key: {key}, tls.crt: ""}}
"""
MORE = """\
      - {{name: STANDIN_FAULT, value: "secret-in-log"}}
    imagePullSecrets: [{{name: registry}}]
    nobodyReadsThis: {{password: {unread}}}
    # password: {comment}
"""
FILES = ("-f", "values.yaml", "-f", "more.values.yaml", "-f", "secrets://prod.yaml")
SETS = ("--set-file", "global.license.operator=license-password")
TARGET = ("--version", "5.3.0", *FILES, *SETS)


class Planted(Canaries):
    """To search folders with."""

    def found_in(self, text: str) -> list[str]:
        return found_in(text)


@dataclass(frozen=True)
class Garden:
    """A site in which everything is planted. argv_log: the arguments of every Helm; token: of kubeconfig."""

    site: Site
    catalogue: Catalogue
    argv_log: Path
    token: str

    def run(self, *args: str, code: int | tuple[int, ...] = 0, **env: str) -> Done:
        """The program; nothing of what it says, writes or starts may show a secret."""
        done = self.site.run(*args, **env)
        leaked = found_in(done.out + done.err)
        assert not leaked, f"{args[0]} shows: {leaked}"
        assert WORD not in done.out + done.err, f"{args[0]} shows a part of a secret"
        assert self.token not in done.out + done.err, f"{args[0]} shows the token of kubeconfig"
        assert done.code in ((code,) if isinstance(code, int) else code), done
        return done


@pytest.fixture(scope="module")
def group(new_site: NewSite) -> Iterator[str]:
    name = f"planted-{secrets.token_hex(3)}.example.test"
    world = new_site("canary-kind").world
    world.kube("apply", "-f", "-", stdin=CRD.format(group=name))
    yield name
    world.kube("delete", "crd", f"planteds.{name}", "--wait=false")


@pytest.fixture(scope="module")
def planted_charts(tmp_path_factory: pytest.TempPathFactory, group: str) -> Path:
    folder = tmp_path_factory.mktemp("planted-charts")
    for release in releases():
        if release.version in ("4.0.0", "5.3.0"):
            files = compose("tyk-oss", release) | {"templates/planted.yaml": template(f"{group}/v1")}
            (folder / f"tyk-oss-{release.version}.tgz").write_bytes(archive("tyk-oss", files))
    return folder


@pytest.fixture(scope="module")
def garden(
    new_site: NewSite, planted_charts: Path, argv_log: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Garden]:
    """tyk-oss 4.0.0, healthy, with a secret in each place."""
    made = new_site("canaries")
    with Catalogue(planted_charts) as catalogue:
        own = tmp_path_factory.mktemp("canary-helm")
        token = _token(made)
        env = {"TYK_UPGRADE_CATALOGUE": catalogue.hub_url, "KUBECONFIG": _kubeconfig(made, own, token)}
        site = replace(made, env={**env, **_helm_folders(own)})
        _plant(site, planted_charts)
        _add_repository(site, catalogue)
        yield Garden(site, catalogue, argv_log, token)


def _token(site: Site) -> str:
    """Of an identity that may do everything in the namespace."""
    kube = site.world.kube
    kube("-n", site.namespace, "create", "serviceaccount", "gardener")
    account = f"{site.namespace}:gardener"
    bind = ("create", "rolebinding", "gardener", "--clusterrole=cluster-admin", f"--serviceaccount={account}")
    kube("-n", site.namespace, *bind)
    return kube("-n", site.namespace, "create", "token", "gardener").strip()


def _kubeconfig(site: Site, folder: Path, token: str) -> str:
    config = json.loads(site.world.kube("config", "view", "--raw", "--minify", "-o", "json"))
    config["users"][0]["user"] = {"token": token}
    path = folder / "kubeconfig"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    return str(path)


def _helm_folders(own: Path) -> dict[str, str]:
    """Helm's, with a plugin that fetches `secrets://` documents."""
    plugin = own / "data" / "plugins" / "fake-secrets"
    plugin.mkdir(parents=True)
    (plugin / "plugin.yaml").write_text(
        "name: fake-secrets\nversion: 1.0.0\nusage: u\ndescription: d\ncommand: $HELM_PLUGIN_DIR/get\n"
        "downloaders:\n- {command: get, protocols: [secrets]}\n"
    )
    (plugin / "get").write_text(f"#!/bin/sh\ncat '{plugin}/document'\n")
    (plugin / "get").chmod(0o755)
    fetched = {"fetched": {"word": secret("a values file of a downloader")}}
    (plugin / "document").write_text(yaml.safe_dump(fetched))
    names = {f"HELM_{name.upper()}_HOME": str(own / name) for name in ("cache", "config", "data")}
    return {**names, "HELM_PLUGINS": str(own / "data" / "plugins")}


def _plant(site: Site, charts: Path) -> None:
    docker = {"auths": {"tyk-upgrade.test": {"auth": b64(f"me:{secret('a pull secret')}")}}}
    key = b64(pem(secret("a TLS key in a Secret of the cluster")))
    objects = IN_THE_CLUSTER.format(docker=b64(json.dumps(docker)), key=key)
    site.world.kube("-n", site.namespace, "apply", "-f", "-", stdin=objects)
    more = MORE.format(
        unread=secret("user values: a key that no template reads"), comment=secret("user values: a comment")
    )
    site.file.write_text(site.world.values(tag="v5.9.1", more=more))
    (site.folder / "more.values.yaml").write_text(
        f"global: {{extra: {{apiKey: {secret('a second values file')}}}}}\n"
    )
    (site.folder / "license-password").write_text(secret("--set-file"))
    site.world.helm(
        *("install", "tyk", str(charts / "tyk-oss-4.0.0.tgz"), "-n", site.namespace),
        *("-f", str(site.file), "-f", str(site.folder / "more.values.yaml")),
    )
    site.wait()
    document = api("orders").document | {
        "auth": {"auth_header_name": "x"},
        "hmac_secret": secret("an API definition"),
    }
    inventories(site, replace(api("orders"), document=document))


def _add_repository(site: Site, catalogue: Catalogue) -> None:
    """With a password, which Helm keeps in its configuration."""
    subprocess.run(
        [
            site.world.env["HELM_BIN"],
            "repo",
            "add",
            "planted",
            catalogue.repo_url,
            "--username",
            "me",
            "--password-stdin",
        ],
        env={**site.world.env, **site.env},
        input=secret("the password of a chart repository known to Helm"),
        text=True,
        capture_output=True,
        timeout=60,
        check=True,
    )


def test_there_are_enough_of_them() -> None:
    assert len(PLACES) >= 25
    planted = template("example.test/v1").decode()
    assert len(found_in(planted)) >= 16
    assert all(found_in(b64(f"x{secret(place)}y")) == [place] for place in PLACES)


class TestBefore:
    """The commands that look."""

    @pytest.mark.parametrize(
        "how",
        [
            ("--out", "plan.json"),
            ("--show", "all", "--debug"),
            ("-o", "json"),
            ("-o", "markdown"),
        ],
        ids=lambda how: " ".join(how),
    )
    def test_plan(self, garden: Garden, how: tuple[str, ...]) -> None:
        done = garden.run("plan", *TARGET, *how, code=(0, 3))
        assert "planted" in done.out, "the objects are in the plan"
        assert "secret:" in done.out, "and are seen to change"

    @pytest.mark.parametrize("output", ["text", "json", "markdown", "diff"])
    def test_values(self, garden: Garden, output: str) -> None:
        garden.run(
            "values", "values.yaml", "more.values.yaml", "secrets://prod.yaml", "--to", "5.3.0", "-o", output
        )

    @pytest.mark.parametrize("command", ["doctor", "versions", "verify", "runs", "resume"])
    def test_others(self, garden: Garden, command: str) -> None:
        garden.run(command, *(("--debug",) if command == "doctor" else ()), code=(0, 1, 3, 6))

    def test_a_repository_with_a_password(self, garden: Garden) -> None:
        garden.run(
            "plan", "--version", "5.3.0", *FILES, "--chart", "planted/tyk-oss", "--only", "diff", code=(0, 1)
        )

    def test_a_url_with_a_password(self, garden: Garden) -> None:
        url = garden.catalogue.repo_url.replace("://", f"://me:{secret('basic authentication in --repo')}@")
        garden.run("plan", "--version", "5.3.0", *FILES, "--repo", url, "--debug", code=(0, 3))
        nobody = url.rpartition("@")[0] + "@127.0.0.1:9/charts"
        done = garden.run("plan", "--version", "5.3.0", *FILES, "--repo", nobody, "--debug", code=1)
        assert "127.0.0.1:9" in done.err

    def test_what_is_typed(self, garden: Garden) -> None:
        typed = ("--set", f"global.typed.password={secret('--set')}")
        done = garden.run("plan", *TARGET, *typed, "--out", "typed.json", code=(0, 3))
        assert "global.typed.password" in done.out


class TestQuoted:
    """Others quote a secret: Helm a template's, the API server an object's, a parser a file's."""

    def test_by_a_template(self, garden: Garden, tmp_path: Path) -> None:
        fails = '{{ fail (printf "bad password %s of %s" .Values.nobody .Values.global.extra.apiKey) }}'
        chart = tmp_path / "tyk-oss"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tyk-oss\nversion: 9.0.0\n")
        (chart / "templates" / "fails.yaml").write_text(fails)
        sets = ("--set", "nobody=x")
        done = garden.run("plan", *FILES, *sets, "--chart", str(chart), "--debug", code=1)
        assert "bad password" in done.err, "the rest of the message is there"
        assert "fails.yaml" in done.err

    def test_by_yaml_that_a_template_spoils(self, garden: Garden, tmp_path: Path) -> None:
        chart = tmp_path / "tyk-oss"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tyk-oss\nversion: 9.0.0\n")
        (chart / "templates" / "a.yaml").write_text("{{ index .Values.global.extra 0 }}")
        (chart / "templates" / "b.yaml").write_text("kind: [{{ .Values.global.extra.apiKey }}")
        garden.run("plan", *FILES, "--chart", str(chart), "--debug", code=1)

    def test_by_the_api_server(self, garden: Garden, tmp_path: Path) -> None:
        """An Ingress whose host is a connection string, and an image that is one."""
        chart = tmp_path / "tyk-oss"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tyk-oss\nversion: 9.0.0\n")
        host = f"postgres://tyk:{secret('a Redis URL in an environment variable')}@db"
        spec = {"rules": [{"host": host, "http": {"paths": []}}]}
        ingress = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "x"},
            "spec": spec,
        }
        config = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "y"},
            "type": "kubernetes.io/tls",
        }
        data = {"tls.key": b64(secret("a TLS key in a Secret of the cluster"))}
        (chart / "templates" / "a.yaml").write_text(
            json.dumps(ingress) + "\n---\n" + json.dumps({**config, "data": data})
        )
        done = garden.run("plan", *FILES, "--chart", str(chart), "--debug", "-o", "json", code=3)
        (refused,) = [row for row in done.json["checks"] if row["check"] == "server-rejects"]
        assert refused["status"] == "fail"
        assert "Ingress x" in json.dumps(refused)

    @pytest.mark.parametrize(
        "text", ["a:\n\tpassword: {}\n", "password: {}\npassword: {}\n", "{}: [\n", "- {}\n"]
    )
    @pytest.mark.parametrize("command", ["plan", "values"])
    def test_by_a_parser(self, garden: Garden, command: str, text: str) -> None:
        planted = secret("a second values file")
        (garden.site.folder / "bad.values.yaml").write_text(text.replace("{}", planted))
        words = ("-f", "bad.values.yaml", "--version") if command == "plan" else ("bad.values.yaml", "--to")
        garden.run(command, *words, "5.3.0", "--debug", code=(0, 1, 3))

    def test_by_the_program_about_its_arguments(self, garden: Garden) -> None:
        planted = secret("basic authentication in --repo")
        garden.run("plan", "--repo", f"ftp://me:{planted}@host/x", code=1)
        garden.run("plan", "--catalogue", f"http://me:{planted}@127.0.0.1:9/", "--debug", code=1)


class TestAfter:
    """The commands that change something, in the order of a bad day."""

    def test_backup(self, garden: Garden) -> None:
        garden.run("backup")
        garden.run("backup", "list", "-o", "json")
        garden.run("backup", "show", garden.site.bundle().name)
        garden.run("backup", "show", garden.site.bundle().name, "-o", "json")

    def test_apply(self, garden: Garden) -> None:
        done = garden.run("apply", "plan.json", *FAST, "--debug", code=(0, 1, 3, 6))
        assert done.out + done.err

    def test_upgrade(self, garden: Garden) -> None:
        done = garden.run("upgrade", "--yes", *FAST, *TARGET, "--restore-apis", "--debug", code=(0, 6))
        assert garden.site.release()["chart"] == "tyk-oss-5.3.0", done

    def test_verify(self, garden: Garden) -> None:
        garden.run("verify", "--proof-timeout", "20s", "-o", "json", code=(0, 6))

    def test_runs(self, garden: Garden) -> None:
        garden.run("runs", "-o", "json")
        newest = max(path.name for path in (garden.site.state / "runs").iterdir())
        garden.run("runs", newest)
        garden.run("runs", newest, "-o", "json")

    def test_rollback(self, garden: Garden) -> None:
        garden.run("rollback", "--yes", *FAST, "--restore-apis", "--debug", code=(0, 4, 6))
        assert garden.site.release()["chart"] == "tyk-oss-4.0.0"

    def test_an_upgrade_that_fails_shows_the_log_and_no_secret(self, garden: Garden) -> None:
        site = garden.site
        site.file.write_text(site.file.read_text().replace("secret-in-log", "secret-in-log,crash=0"))
        done = garden.run("upgrade", "--yes", *FAST, *TARGET, "--restore-apis", "-o", "json", code=4)
        assert done.json["exitCode"] == 4

    def test_nothing_is_left_behind(self, garden: Garden) -> None:
        """In any file outside of bundles and values files, and in the arguments of any Helm."""
        log = garden.site.folder / "argv"
        log.write_text(garden.argv_log.read_text())
        for place in (
            "--set",
            "basic authentication in --repo",
        ):  # where people put them into arguments themselves
            log.write_text(log.read_text().replace(secret(place), ""))
        assert leaks(Planted("", ""), log, garden.site.folder) == []
        assert garden.token not in garden.argv_log.read_text()
