"""Helm's complaints, as real versions word them, with the cause and the remedy we name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_tyk_upgrade.errors import HelmError, NotFound
from helm_tyk_upgrade.helm.errors import LONGEST, diagnosis, helm_error, useful_line
from helm_tyk_upgrade.model.secrets import Masker


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("Error: Kubernetes cluster unreachable: Get \"https://10.0.0.1/version\": dial tcp: i/o timeout",
         "the cluster cannot be reached"),
        ("Error: kubernetes cluster unreachable: the server has asked for the client to provide credentials",
         "the credentials are not accepted"),
        ("Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
         "another operation is in progress on the release"),
        ("Error: query: failed to query with labels: secrets is forbidden: User \"dev\" cannot list",
         "this identity is not allowed to do that"),
        ("Error: UPGRADE FAILED: cannot patch \"g\" with kind Deployment: spec.selector: "
         "Invalid value: {}: field is immutable", "a field that cannot be changed would change"),
        ("Error: UPGRADE FAILED: conflict occurred while applying object default/g: Apply failed "
         "with 1 conflict: conflict with \"kubectl\" using apps/v1: .spec.replicas",
         "another manager owns fields that would change"),
        ("Error: UPGRADE FAILED: Operation cannot be fulfilled on \"g\": the object has been modified",
         "an object was changed by somebody else at the same time"),
        ("Error: UPGRADE FAILED: execution error at (tyk-oss/templates/d.yaml:12:4): set a secret",
         "a template of the chart fails"),
        ("Error: UPGRADE FAILED: values don't meet the specifications of the schema(s) in the following "
         "chart(s):\ntyk-oss:\n- replicas: Invalid type", "the values do not fit the chart's schema"),
        ("Error: UPGRADE FAILED: Unable to continue with update: Secret \"x\" exists and cannot be imported "
         "into the current release: invalid ownership metadata", "an object exists that belongs to"),
        ("Error: UPGRADE FAILED: resource mapping not found for name: \"x\": no matches for kind \"Y\" "
         "in version \"z/v1\"", "the cluster does not know a kind"),
        ("Error: UPGRADE FAILED: admission webhook \"p.example\" denied the request", "an admission rule"),
        ("Error: UPGRADE FAILED: context deadline exceeded", "the time-out ran out"),
        ("Error: UPGRADE FAILED: resource Deployment/default/d not ready. status: InProgress\n"
         "context deadline exceeded", "the time-out ran out"),
        ("Error: chart \"tyk-oss\" version \"9.9.9\" not found in https://h.example/ repository",
         "the chart or its version is not there"),
        ("Error: chart \"tyk-oss\" matching 9.9.9 not found in tyk index. (try 'helm repo update')",
         "the chart or its version is not there"),
        ("Error: repo tyk not found", "that chart repository is not known to Helm"),
        ("Error: looks like \"https://h.example\" is not a valid chart repository or cannot be reached: 404",
         "the chart repository does not answer"),
        ("Error: unknown flag: --server-side", "this Helm does not know a flag"),
        ("Error: failed to parse values.yaml: error converting YAML to JSON: yaml: line 3: mapping values",
         "the values cannot be read"),
        ("Error: YAML parse error on tyk-oss/templates/x.yaml: error converting YAML to JSON: yaml: line 3",
         "a template of the chart fails"),
        ("Error: release tyk failed, and has been rolled back: context canceled", "helm was interrupted"),
    ],
)  # fmt: skip
def test_cause(said: str, cause: str) -> None:
    found, hint = diagnosis(said)
    assert found.startswith(cause)
    assert hint


def error(stderr: str, stdout: str = "", masker: Masker | None = None) -> HelmError | NotFound:
    return helm_error("upgrade", "default/tyk", stdout.encode(), stderr.encode(), 1, masker or Masker())


@pytest.mark.parametrize(
    ("stderr", "line"),
    [
        ('level=WARN msg="upgrade failed" name=tyk error="x"\nError: UPGRADE FAILED: x', "x"),
        ("E1123 20:04:35.1 1 reflector.go:1] x\nError: x\nError: plugin \"a\" exited with error", "x"),
        ("W1123 x\nsomething odd", "something odd"),
        ("level=WARN msg=only-noise", "level=WARN msg=only-noise"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_useful_line_is_helms_own_error(stderr: str, line: str) -> None:
    assert useful_line(stderr) == line


def test_an_unknown_complaint_is_passed_on() -> None:
    failure = error("Error: the moon is full")
    assert failure.message == "helm upgrade default/tyk: the moon is full"


def test_silence_is_said() -> None:
    assert error("").message.endswith("it exited with 1 and said nothing")


def test_standard_output_speaks_where_standard_error_is_silent() -> None:
    assert "cancelled" in error("", "Release tyk has been cancelled.\n").message


@pytest.mark.parametrize(
    "said", ["Error: release: not found", 'Error: UPGRADE FAILED: "tyk" has no deployed releases']
)
def test_a_release_that_does_not_exist_is_not_found(said: str) -> None:
    assert isinstance(error(said), NotFound)


@pytest.mark.parametrize(
    "said",
    [
        "Error: UPGRADE FAILED: unable to build kubernetes objects from current release manifest: resource mapping "
        'not found for name: "tyk" namespace: "" from "": no matches for kind "Gateway" in version "x/v1"',
        "Error: UPGRADE FAILED: cannot patch the release: deployments.apps gateway not found",
        "Error: UPGRADE FAILED: post-upgrade hooks failed: jobs.batch release-test not found",
    ],
)
def test_another_thing_that_is_not_found_is_not_the_release(said: str) -> None:
    assert isinstance(error(said), HelmError)


def test_a_template_is_named_with_its_line() -> None:
    said = "Error: UPGRADE FAILED: template: a/charts/b/templates/sub/c.yaml:17:20: nil pointer evaluating"
    assert "template a/charts/b/templates/sub/c.yaml line 17 fails" in error(said).message


def test_long_lines_are_cut() -> None:
    assert len(useful_line("Error: " + "x" * 10_000)) == LONGEST


@given(
    st.text(), st.text(min_size=4).filter(lambda text: text.lower() not in ("true", "false", "null", "none"))
)
def test_neither_a_secret_nor_an_escape_comes_through(noise: str, secret: str) -> None:
    masker = Masker()
    secret = f"canary{secret}"
    masker.learn([secret])
    failure = error(
        f"Error: UPGRADE FAILED: {noise} {secret}\n{secret}\x1b[31m", f"\x1b]0;{secret}\x07", masker
    )
    told = failure.message + failure.hint + getattr(failure, "stderr", "")
    assert secret not in told
    assert not any(character in told for character in "\x1b\x07\x9b\u202e")


CHAIN = """\
Error: a/templates/b.yaml:2:10
  executing "a/templates/b.yaml" at <include "x" .>:
    error calling include:
a/templates/_x.tpl:1:26
  executing "x" at <.Values.x.y>:
    nil pointer evaluating interface {}.y

Use --debug flag to render out invalid YAML
"""


def test_the_reason_at_the_end_of_helm_4s_chain_is_told() -> None:
    reason = 'executing "x" at <.Values.x.y>: nil pointer evaluating interface {}.y'
    assert useful_line(CHAIN) == f"a/templates/b.yaml:2:10 {reason}"


def test_a_piece_of_a_password_that_helm_takes_for_a_key_is_not_said() -> None:
    said = b'Error: failed parsing --set data: key "supersecret9" has no value\n'
    found = helm_error("template", "x", b"", said, 1, Masker())
    assert "supersecret9" not in found.message + getattr(found, "stderr", "")
    assert "a --set flag cannot be read" in found.message
    assert "before a comma" in found.hint
