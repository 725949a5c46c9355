"""Values that are secret by where they come from or go to: fetched by a downloader of Helm, encrypted by sops, put into
a Secret by the chart."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.values_verb.conftest import Values

pytestmark = pytest.mark.helm
FETCHED = """\
global:
  redis:
    sslMinVersion: "1.1"
  note: canary-plain-text
tyk-gateway:
  gateway:
    pin: 73194
    replicaCount: 29
    word: xyzzy
    switch: true
    list: [canary-in-a-list, 80808]
"""
VERSIONS = ("--from", "1.3.0", "--to", "5.3.0")
OUTPUTS = ("text", "json", "markdown", "diff")


@pytest.fixture
def downloader(helm_home: Path) -> Path:
    """A plugin of Helm that fetches `secrets://...` documents; answers with its file."""
    plugin = Path(os.environ["HELM_PLUGINS"]) / "fake-secrets"
    plugin.mkdir()
    (plugin / "plugin.yaml").write_text(
        "name: fake-secrets\nversion: 1.0.0\nusage: u\ndescription: d\ncommand: $HELM_PLUGIN_DIR/get\n"
        "downloaders:\n- {command: get, protocols: [secrets]}\n"
    )
    (plugin / "get").write_text(f"#!/bin/sh\ncat '{plugin}/document'\n")
    (plugin / "get").chmod(0o755)
    (plugin / "document").write_text(FETCHED)
    return plugin / "document"


def overrides(values: Values, *argv: str) -> dict[str, Any]:
    found = values(*argv, *VERSIONS, "-o", "json")
    assert found.code == 0, found.err
    return {each["path"]: each for each in json.loads(found.out)["overrides"]}


def test_fetched_values_are_never_judged_and_never_shown(
    values: Values, folder: Path, downloader: Path
) -> None:
    (folder / "values.yaml").write_text("tyk-gateway: {gateway: {kind: Deployment}}\n")
    found = overrides(values, "values.yaml", "secrets://prod.yaml")
    own = found.pop("tyk-gateway.gateway.kind")
    assert own["judgement"] == "redundant"
    assert {each["judgement"] for each in found.values()} == {"unknown"}
    assert {each["reason"] for each in found.values()} == {"the value is encrypted or fetched by Helm"}
    assert all(str(each["yours"]).startswith("secret:") for each in found.values()), found
    assert len(found) == 7


@pytest.mark.parametrize("output", OUTPUTS)
def test_no_format_has_a_fetched_value(values: Values, folder: Path, downloader: Path, output: str) -> None:
    (folder / "values.yaml").write_text(
        "global: {redis: {pass: own-canary}}\ntyk-gateway: {gateway: {replicaCount: 29}}\n"
    )
    found = values("values.yaml", "secrets://prod.yaml", *VERSIONS, "-o", output)
    assert found.code == 0, found.err
    for text in ("canary", "73194", "80808", "xyzzy", "1.1"):
        assert text not in found.out + found.err, text


def test_the_edits_of_what_is_fetched_are_left_to_the_user(
    values: Values, folder: Path, downloader: Path
) -> None:
    (folder / "values.yaml").write_text("stray: 1\n")
    found = values("values.yaml", "secrets://prod.yaml", *VERSIONS, "--write", "--yes")
    assert found.code == 0, found.err
    assert "stray" not in (folder / "values.yaml").read_text()
    assert downloader.read_text() == FETCHED


def test_a_document_that_cannot_be_fetched_is_helms_error(values: Values, downloader: Path) -> None:
    (downloader.parent / "get").write_text("#!/bin/sh\necho no key for this >&2\nexit 1\n")
    found = values("secrets://prod.yaml", *VERSIONS)
    assert found.code == 1
    assert "Helm cannot merge the values: " in found.err
    assert "can Helm fetch what is given as secrets://" in found.flat
    assert "tyk-upgrade-" not in found.err, "no temporary folder"


SOPS = """\
# encrypted
global:
    redis:
        sslMinVersion: ENC[AES256_GCM,data:abc,tag:x]   # kept
        pass: ENC[AES256_GCM,data:def,tag:y]
stray: ENC[AES256_GCM,data:ghi,tag:z]
sops:
    mac: ENC[AES256_GCM,data:jkl,tag:z]
    version: 3.8.1
"""


@pytest.mark.parametrize("argv", [(), ("--write", "--yes", "--keep-behaviour", "--remove-redundant")])
def test_beside_a_sops_file_only_the_plain_one_is_judged_and_edited(
    values: Values, folder: Path, argv: tuple[str, ...]
) -> None:
    (folder / "plain.yaml").write_text(
        "stray2: 1\nkeep: {me: 1}\ntyk-gateway: {gateway: {kind: DaemonSet}}\n"
    )
    (folder / "sops.yaml").write_text(SOPS)
    if argv:
        assert values("plain.yaml", "sops.yaml", *VERSIONS, *argv).code == 0
        assert "stray2" not in (folder / "plain.yaml").read_text()
    else:
        found = overrides(values, "plain.yaml", "sops.yaml")
        judged = {path: each["judgement"] for path, each in found.items()}
        assert judged["stray2"] == "dead"
        assert {judged[path] for path in judged if found[path]["file"] == "sops.yaml"} == {"unknown"}
    assert (folder / "sops.yaml").read_text() == SOPS


def test_an_edit_that_would_have_to_go_to_a_sops_file_is_left_to_the_user(
    values: Values, folder: Path
) -> None:
    (folder / "sops.yaml").write_text(SOPS)
    found = values("sops.yaml", "--from", "1.6.0", "--to", "2.0.0", "-o", "json")
    kept = [each for each in json.loads(found.out)["proposals"] if each["kind"] == "keep behaviour"]
    assert kept
    assert all(each["edits"] == [] and each["byHand"] for each in kept)


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_value_that_the_chart_puts_into_a_secret_is_one(values: Values, folder: Path, output: str) -> None:
    """Its key says nothing; the chart's template does."""
    for name in ("old", "new"):
        chart = folder / name
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: bound\nversion: 1.0.{len(name)}\n")
        (chart / "values.yaml").write_text("harmless: ''\nshown: ''\n")
        (chart / "templates" / "a.yaml").write_text(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  x: {{ .Values.harmless | quote }}\n"
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {y: {{ .Values.shown | quote }}}\n"
        )
    (folder / "values.yaml").write_text(
        "harmless: canary-bound-to-a-secret\nshown: plain-to-see-for-all\nstray: 1\n"
    )
    found = values("--from", "./old", "--chart", "./new", "-o", output)
    assert found.code == 0, found.err
    assert "canary" not in found.out + found.err
    if output in ("text", "json"):  # the others leave out what is kept
        assert "plain-to-see-for-all" in found.out


def test_a_chart_that_cannot_be_rendered_is_said(values: Values, folder: Path) -> None:
    for name in ("old", "new"):
        (folder / name / "templates").mkdir(parents=True)
        (folder / name / "Chart.yaml").write_text(f"apiVersion: v2\nname: picky\nversion: 1.0.{len(name)}\n")
        (folder / name / "templates" / "a.yaml").write_text('{{ required "host is needed" .Values.host }}\n')
    (folder / "values.yaml").write_text("other: 1\n")
    found = values("--from", "./old", "--chart", "./new", "-o", "json")
    assert found.code == 0, found.err
    (said,) = json.loads(found.out)["unknown"]
    assert "cannot be rendered with these values" in said
    assert "host is needed" in said
