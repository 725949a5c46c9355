"""Checksum annotations traced to what makes them change: by the template's source, by the sum, or only probably."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from helm_tyk_upgrade.manifests.checksums import is_digest, trace_checksums
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.change import ChecksumTrace, ObjectId

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "manifests"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  mode: {}"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  pass: {}"
TEMPLATE = b"""
metadata:
  annotations:
    checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}
    checksum/other: {{ .Values.x | sha256sum }}
"""
PATH = "spec.template.metadata.annotations[checksum/config]"
CONFIG_ID = ObjectId("v1", "ConfigMap", "", "c")
SECRET_ID = ObjectId("v1", "Secret", "", "s")


def manifest(mode: str, password: str, digest: str) -> str:
    return (
        f"---\n# Source: app/templates/config.yaml\n{CONFIG.format(mode)}\n"
        f"---\n# Source: app/charts/db/templates/secret.yaml\n{SECRET.format(password)}\n"
        "---\n# Source: app/templates/deployment.yaml\napiVersion: apps/v1\nkind: Deployment\n"
        f"metadata: {{name: d}}\nspec: {{template: {{metadata: {{annotations: {{checksum/config: '{digest}'}}}}}}}}\n"
    )


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def traced(old: str, new: str, files: dict[str, bytes] | None = None) -> list[ChecksumTrace]:
    return list(trace_checksums(new, compare(old, new), files or {}))


def test_the_template_names_the_file() -> None:
    old, new = manifest("a", "p", "0" * 64), manifest("b", "q", "1" * 64)
    [trace] = traced(old, new, {"templates/deployment.yaml": TEMPLATE})
    assert (trace.path, trace.causes, trace.known) == (PATH, (CONFIG_ID,), True)


def test_a_named_file_in_which_no_object_changes_is_known_to_have_no_object() -> None:
    old, new = manifest("a", "p", "0" * 64), manifest("a", "q", "1" * 64)
    [trace] = traced(old, new, {"templates/deployment.yaml": TEMPLATE})
    assert (trace.causes, trace.known) == ((), True)


@pytest.mark.parametrize("around", ["{}", "{}\n", "\n{}", "---\n{}\n"])
def test_the_sum_of_the_rendered_file_is_found_with_the_blanks_around_it(around: str) -> None:
    digest = sha(around.format(CONFIG.format("b")))
    [trace] = traced(manifest("a", "p", "0" * 64), manifest("b", "q", digest))
    assert (trace.causes, trace.known) == ((CONFIG_ID,), True)


def test_the_sum_of_an_objects_data_as_json_is_found() -> None:
    [trace] = traced(manifest("a", "p", "0" * 64), manifest("b", "q", sha('{"mode":"b"}')))
    assert (trace.causes, trace.known) == ((CONFIG_ID,), True)


def test_else_what_changes_in_the_same_chart_is_only_probable() -> None:
    [trace] = traced(manifest("a", "p", "0" * 64), manifest("b", "q", "1" * 64))
    assert (trace.causes, trace.known) == ((CONFIG_ID,), False)


def test_the_objects_of_another_chart_are_no_cause() -> None:
    [trace] = traced(manifest("a", "p", "0" * 64), manifest("a", "q", "1" * 64))
    assert (trace.causes, trace.known) == ((), False)
    assert SECRET_ID not in trace.causes


def test_nothing_is_said_of_annotations_that_are_no_sums() -> None:
    assert traced(manifest("a", "p", "yes"), manifest("b", "p", "no")) == []
    assert traced(manifest("a", "p", "0" * 64), manifest("b", "p", "0" * 64)) == []


@pytest.mark.parametrize(
    ("value", "digest"),
    [
        ("0" * 64, True),
        ("a3" * 20, True),
        ("sha256:" + "ab" * 32, True),
        ("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", True),
        ("v5.13.1", False),
        ("true", False),
        ("a-long-name-of-some-thing-that-is-no-sum", False),
        (12345, False),
    ],
)
def test_what_looks_like_a_digest(value: object, digest: bool) -> None:
    assert is_digest(value) is digest


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of manifests is not here")
def test_the_checksums_of_real_charts_are_made_again() -> None:
    old = (CORPUS / "tyk-oss-4.0.0-default.yaml").read_text()
    new = (CORPUS / "tyk-oss-5.3.0-full.yaml").read_text()
    traces = traced(old, new)
    assert traces
    assert {(identity.kind, trace.known) for trace in traces for identity in trace.causes} == {
        ("Secret", True)
    }
