"""What must never happen to a values file: nothing of another layer in it, nothing of another chart's taken out, no
file without the others."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.values_verb.conftest import Values
from tests.values_verb.test_values import judged, report

pytestmark = pytest.mark.helm
VERSIONS = ("--from", "1.3.0", "--to", "5.3.0")
RENAME = "global: {redis: {sslMinVersion: '1.2'}}\n"
GATEWAY = """\
global: {redis: {pass: x}}
gateway:
  replicaCount: 2
  kind: DaemonSet
  service: {type: NodePort}
  image: {tag: v5.3.0}
"""


def test_values_of_a_subchart_are_not_emptied(values: Values, folder: Path) -> None:
    file = folder / "gw.yaml"
    file.write_text(GATEWAY)
    found = values("gw.yaml", *VERSIONS, "--write", "--yes")
    assert found.code == 1
    assert "looks like values of tyk-gateway" in found.flat
    assert "--chart tyk-gateway" in found.flat
    assert file.read_text() == GATEWAY
    assert "looks like values of tyk-gateway" in values("gw.yaml", *VERSIONS).flat


def test_a_null_that_a_template_shows_stays(values: Values, folder: Path) -> None:
    file = folder / "values.yaml"
    text = "tyk-gateway: {gateway: {podAnnotations: {a: null, b: x}}}\n"
    file.write_text(text)
    found = judged(report(values, *VERSIONS))
    assert found["tyk-gateway.gateway.podAnnotations.a"] in ("kept", "unknown")
    assert values(*VERSIONS, "--write", "--yes", "--remove-redundant").code == 0
    assert file.read_text() == text


def test_a_misspelled_map_is_not_removed_unasked(values: Values, folder: Path) -> None:
    file = folder / "values.yaml"
    text = "tyk-gateway: {gateway: {image: {tag: v5.3.0}, imag: {repository: mine}}}\n"
    file.write_text(text)
    found = report(values, *VERSIONS)
    (proposal,) = [each for each in found["proposals"] if each["path"].startswith("tyk-gateway.gateway.imag")]
    assert (proposal["safe"], proposal["risk"]) == (False, "review")
    assert "image" in str(proposal)
    assert values(*VERSIONS, "--write", "--yes").code == 0
    assert file.read_text() == text


def test_a_file_given_twice_is_edited_once(values: Values, folder: Path) -> None:
    (folder / "a.yaml").write_text(RENAME)
    found = values("a.yaml", "./a.yaml", *VERSIONS, "--write", "--yes")
    assert found.code == 0, found.err
    assert found.err.count("Wrote") == 1
    assert "tlsMinVersion" in (folder / "a.yaml").read_text()


def test_a_value_of_a_flag_is_not_said_to_be_in_the_file(values: Values, folder: Path) -> None:
    (folder / "values.yaml").write_text("tyk-gateway: {gateway: {replicaCount: 2}}\n")
    found = report(values, *VERSIONS, "--set", "tyk-gateway.gateway.replicaCount=3")["overrides"]
    assert [(each["file"], each.get("line")) for each in found] == [("--set", None)]


def test_a_default_that_the_file_repeats_is_no_news(values: Values, folder: Path) -> None:
    (folder / "values.yaml").write_text("tyk-gateway: {gateway: {httpsServerOptions: {xffDepth: 1}}}\n")
    found = report(values, "--from", "4.0.0", "--to", "5.3.0")["newDefaults"]
    assert "tyk-gateway.gateway.httpsServerOptions.xffDepth" not in [each["path"] for each in found]


def test_a_pipe_is_read_once_and_handed_to_helm(values: Values, folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(RENAME,))
    writer.start()
    found = report(values, str(pipe), *VERSIONS)
    writer.join(timeout=10)
    assert judged(found) == {"global.redis.sslMinVersion": "renamed"}
    assert found["proposals"][0]["edits"] == []


@pytest.mark.parametrize(
    "argv", [["--set", "a=b"], ["--to", "5.3.0"], ["--remove-redundant"], ["--from", "1.0.0"]]
)
def test_a_translation_takes_no_other_flags(values: Values, folder: Path, argv: list[str]) -> None:
    (folder / "a.yaml").write_text(RENAME)
    found = values("a.yaml", "--translate", *argv)
    assert found.code == 1
    assert f"--translate does not take {argv[0]}" in found.flat


def test_a_question_mark_explains_the_answers_and_no_proposal_is_told_twice(
    values: Values, folder: Path
) -> None:
    (folder / "values.yaml").write_text(RENAME)
    found = values(*VERSIONS, "--write", answers="?\ny\n")
    assert found.code == 0, found.err
    assert found.err.count("take it? (1 of 3)") == 2
    assert "y: take it, n: leave it" in found.err
    assert found.flat.count("global.redis.sslMinVersion is global.redis.tlsMinVersion now") == 2, (
        "report, diff"
    )
    assert "tlsMinVersion" in (folder / "values.yaml").read_text()


@pytest.mark.parametrize("text", ["global.redis.pass=hunter2,supersecret9", "tyk.pass=a{supersecret9"])
def test_a_piece_of_a_password_is_not_said(values: Values, folder: Path, text: str) -> None:
    (folder / "values.yaml").write_text(RENAME)
    found = values(*VERSIONS, "--set", text)
    assert "supersecret9" not in found.out + found.err
    assert found.code == 0 or "--set flag cannot be read" in found.flat
