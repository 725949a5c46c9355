"""Each detector's three answers, and the logic that joins them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.model.knowledge import GoPlugins
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.tyk.answers import Detector
from helm_tyk_upgrade.tyk.detectors import QUESTIONS, ask, faults_of
from helm_tyk_upgrade.tyk.subject import Side, Subject
from tests.tyk.subjects import GO_PLUGIN, MAYBE_PLUGIN, api, inventory, pod_of, service, side, subject

YES, NO, UNKNOWN = True, False, None
NAME = "TYK_GW_LOGFORMAT"
HEALTH, READY = "TYK_GW_HEALTHCHECKENDPOINTNAME", "TYK_GW_READINESSCHECKENDPOINTNAME"
PROBE = {"livenessProbe": {"httpGet": {"path": "/hello"}}}
UNASKED = subject(inventory=Unknown("no pod runs"))
TLS_SECRET = {"kind": "Secret", "type": "TLS", "metadata": {"name": "cert"}}
OWN_SECRET = {"kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "cert"}}
MOUNTED = {"volumes": [{"name": "cert", "secret": {"secretName": "cert"}}]}


def env(value: str | None) -> Subject:
    return subject(side({NAME: value}))


def becomes(before: str | None, after: str | None) -> Subject:
    return subject(side({NAME: after}), side({NAME: before}))


def tls(**env: str | None) -> Subject:
    return subject(side({f"TYK_GW_{name}": value for name, value in env.items()}))


CASES: list[tuple[Detector, Subject, bool | None]] = [
    ({"env": NAME, "set": True}, env("json"), YES),
    ({"env": NAME, "set": True}, env(""), NO),
    ({"env": NAME, "set": True}, subject(), NO),
    ({"env": NAME, "set": True}, env(None), UNKNOWN),
    ({"env": NAME, "set": True}, subject(side(imported=True)), UNKNOWN),
    ({"env": NAME, "set": False}, env(""), YES),
    ({"env": NAME, "in": ["legacy"]}, env(" Legacy "), YES),
    ({"env": NAME, "in": ["legacy"]}, env("json"), NO),
    ({"env": NAME, "below": "1s"}, env("999ms"), YES),
    ({"env": NAME, "below": "1s"}, env("10µs"), YES),
    ({"env": NAME, "below": "1s"}, env("1m0.5s"), NO),
    ({"env": NAME, "below": "1s"}, env("10"), NO),  # no duration: another question
    ({"env": NAME, "below": "1s"}, env("-5s"), NO),
    ({"env": NAME, "below": "1s"}, env(None), UNKNOWN),
    ({"env": NAME, "from": "1s"}, env("1s"), YES),
    ({"env": NAME, "from": "1s"}, env("0.9s"), NO),
    ({"env": NAME, "unit": False}, env("10"), YES),
    ({"env": NAME, "unit": False}, env("0"), NO),  # Go reads that one
    ({"env": NAME, "unit": False}, env("10s"), NO),
    ({"env": NAME, "unit": False}, subject(), NO),
    ({"env": NAME, "becomes": "true"}, becomes("false", "true"), YES),
    ({"env": NAME, "becomes": "true"}, becomes("", "True"), YES),
    ({"env": NAME, "becomes": "true"}, becomes("true", "true"), NO),
    ({"env": NAME, "becomes": "true"}, becomes(None, "false"), NO),
    ({"env": NAME, "becomes": "true"}, becomes("true", None), NO),
    ({"env": NAME, "becomes": "true"}, becomes(None, "true"), UNKNOWN),
    ({"env": NAME, "goes": True}, becomes("true", ""), YES),
    ({"env": NAME, "goes": True}, becomes("", ""), NO),
    ({"env": NAME, "goes": True}, becomes("true", None), UNKNOWN),
    ({"tls_range": "wrong"}, tls(HTTPSERVEROPTIONS_MINVERSION="772", HTTPSERVEROPTIONS_MAXVERSION="771"), YES),
    ({"tls_range": "wrong"}, tls(PROXYSSLMAXVERSION="770"), YES),  # below what is the lowest by default
    ({"tls_range": "wrong"}, tls(HTTPSERVEROPTIONS_MINVERSION=None, PROXYSSLMAXVERSION="770"), YES),
    ({"tls_range": "wrong"}, tls(HTTPSERVEROPTIONS_MINVERSION="771", PROXYSSLMAXVERSION="0"), NO),
    ({"tls_range": "wrong"}, tls(), NO),
    ({"tls_range": "wrong"}, tls(HTTPSERVEROPTIONS_MINVERSION=None), UNKNOWN),
    ({"given": ["a.b"]}, subject(given={"a": {"b": 1}}), YES),
    ({"given": ["a.b", "c"]}, subject(given={"a": {"b": ""}, "c": {}}), NO),
    ({"given": ["a.b"]}, subject(given={"a": [1]}), NO),
    ({"given_text": "LOG"}, subject(given={"extraEnvs": [{"name": NAME, "value": "x"}]}), YES),
    ({"given_text": "LOG"}, subject(given={"extraEnvs": [{"name": "x", "value": "LOG"}]}), NO),
    ({"field": "spec.type", "kind": "Service", "before": "NodePort", "after": "ClusterIP"},
     subject(side(objects=(service("ClusterIP"),))), NO),
    ({"image": "(^|/)tyk-operator"}, subject(side(objects=(pod_of("tykio/tyk-operator:v1"),))), YES),
    ({"image": "(^|/)tyk-operator"}, subject(side(objects=(pod_of("x/my-tyk-operator:v1"),))), NO),
    ({"image_user": "root"}, subject(side(version="5.9.1")), YES),
    ({"image_user": "root"}, subject(side(version="5.13.1")), NO),
    ({"image_user": "root"}, subject(side(version="5.13.1-fips")), NO),
    ({"image_user": "root"}, subject(side(version="77.0.0")), UNKNOWN),
    ({"image_user": "root"}, subject(side(version="4.0.0")), UNKNOWN),  # its base is not on record
    ({"image_user": "root"}, subject(Side()), UNKNOWN),
    ({"loses_shell": True}, subject(side(version="5.8.5"), side(version="5.3.0")), YES),
    ({"loses_shell": True}, subject(side(version="5.8.5"), side(version="5.3.6")), NO),
    ({"loses_shell": True}, subject(side(version="5.8.5"), Side()), UNKNOWN),
    ({"runs_shell": True}, subject(side(container={"command": ["/bin/bash", "-c", "x"]})), YES),
    ({"runs_shell": True},
     subject(side(container={"livenessProbe": {"exec": {"command": ["sh", "-c", "x"]}}})), YES),
    ({"runs_shell": True}, subject(side(container={"command": ["/opt/tyk", "sh"]})), NO),
    ({"probe": "livenessProbe"}, subject(side({HEALTH: "/health"}, container=PROBE)), YES),
    ({"probe": "livenessProbe"}, subject(side({HEALTH: "hello"}, container=PROBE)), NO),
    ({"probe": "livenessProbe"}, subject(side({HEALTH: "x", READY: "/hello"}, container=PROBE)), NO),
    ({"probe": "livenessProbe"}, subject(side({HEALTH: None}, container=PROBE)), UNKNOWN),
    ({"probe": "livenessProbe"}, subject(side(container=PROBE, imported=True)), UNKNOWN),
    ({"probe": "readinessProbe"}, subject(side({HEALTH: "/health"}, container=PROBE)), NO),
    ({"run_as_image": True}, subject(side(container={"securityContext": {"runAsNonRoot": True}})), YES),
    ({"run_as_image": True},
     subject(side(pod={"securityContext": {"runAsUser": 1000}},
                  container={"securityContext": {"runAsNonRoot": True}})), NO),
    ({"run_as_image": True}, subject(), NO),
    ({"init_user_differs": "setup"}, subject(), NO),
    ({"init_user_differs": "setup"},
     subject(side(pod={"initContainers": [{"name": "setup", "securityContext": {"runAsUser": 65532}}]})), NO),
    ({"init_user_differs": "setup"},
     subject(side(pod={"initContainers": [{"name": "setup"}]},
                  container={"securityContext": {"runAsUser": 1000}})), YES),
    ({"limit": "cpu"}, subject(side(container={"resources": {"limits": None}})), NO),
    ({"chart_certificate": True}, subject(side(objects=(TLS_SECRET,), pod=MOUNTED)), YES),
    ({"chart_certificate": True}, subject(side(objects=(TLS_SECRET,))), NO),
    ({"chart_certificate": True}, subject(side(objects=(OWN_SECRET,), pod=MOUNTED)), NO),
    ({"server_side": True}, subject(server_side=True), YES),
    ({"duplicate_env": True}, subject(side(container={"env": [{"name": "A"}, None, {"name": "B"}]})), NO),
    ({"gateway_goes": "back"}, subject(side(version="5.3.5"), Side()), UNKNOWN),
    ({"gateway_goes": "back"}, subject(Side(), side()), UNKNOWN),
    ({"go_plugins": True}, subject(plugins=GO_PLUGIN), YES),
    ({"go_plugins": True}, subject(), NO),
    ({"go_plugins": True}, subject(plugins=MAYBE_PLUGIN), UNKNOWN),
    ({"go_plugins": True}, subject(plugins=Known(GoPlugins((), (), ("the logs: 403",)))), UNKNOWN),
    ({"go_plugins": True}, subject(plugins=Unknown("not asked")), UNKNOWN),
    ({"apis": "oas"}, subject(inventory=inventory(api("oas"))), YES),
    ({"apis": "oas"}, subject(), NO),
    ({"apis": "oas"}, UNASKED, UNKNOWN),
    ({"api_key": ["oidc"]}, subject(inventory=inventory(api(a=[{"oidc": {"x": 1}}]))), YES),
    ({"api_key": ["oidc"]}, subject(inventory=inventory(api(oidc={"enabled": False}))), NO),
    ({"api_key": ["oidc"]}, subject(inventory=inventory(api(oidc={}))), NO),
    ({"api_key": ["oidc"]}, UNASKED, UNKNOWN),
    ({"api_pair": {"driver": "python"}}, subject(inventory=inventory(api(a={"driver": "python"}))), YES),
    ({"api_pair": {"driver": "python"}}, subject(inventory=inventory(api(a={"driver": "otto"}))), NO),
    ({"api_pair": {"driver": "python"}}, UNASKED, UNKNOWN),
    ({"api_text": "tyk://"}, subject(inventory=inventory(api(a=[["tyk://self"]]))), YES),
    ({"api_text": "tyk://"}, UNASKED, UNKNOWN),
    ({"policies": 2}, subject(), NO),
    ({"policies": 2}, UNASKED, UNKNOWN),
    ({"policy_id": "[a-z]+"}, subject(inventory=inventory(policies=("Gold",))), YES),
    ({"policy_id": "[a-z]+"}, subject(), NO),
    ({"policy_id": "[a-z]+"}, UNASKED, UNKNOWN),
]  # fmt: skip
IS = {YES: {"server_side": True}, NO: {"duplicate_env": True}, UNKNOWN: {"apis": "oas"}}
"""Detectors that answer so for the release below."""
MIXED = subject(inventory=Unknown("no pod runs"), server_side=True)


@pytest.mark.parametrize(("detector", "release", "expected"), CASES)
def test_answers(detector: Detector, release: Subject, expected: bool | None) -> None:
    answer = ask(detector, release)
    assert (answer.concerns.value if isinstance(answer.concerns, Known) else None) is expected
    if expected is None:
        assert isinstance(answer.concerns, Unknown)
        assert answer.concerns.reason


@pytest.mark.parametrize(
    ("joined", "parts", "expected"),
    [
        ("all", [YES, YES], YES), ("all", [YES, UNKNOWN], UNKNOWN), ("all", [UNKNOWN, NO], NO), ("all", [], YES),
        ("any", [NO, NO], NO), ("any", [NO, UNKNOWN], UNKNOWN), ("any", [UNKNOWN, YES], YES), ("any", [], NO),
    ],
)  # fmt: skip
def test_the_known_settles_what_it_can(joined: str, parts: list[bool | None], expected: bool | None) -> None:
    concerns = ask({joined: [IS[part] for part in parts]}, MIXED).concerns
    assert (concerns.value if isinstance(concerns, Known) else None) is expected


@pytest.mark.parametrize(("part", "expected"), [(YES, NO), (NO, YES), (UNKNOWN, UNKNOWN)])
def test_not(part: bool | None, expected: bool | None) -> None:
    concerns = ask({"not": IS[part]}, MIXED).concerns
    assert (concerns.value if isinstance(concerns, Known) else None) is expected


def test_every_question_has_cases() -> None:
    asked = {next(iter(detector)) for detector, _, _ in CASES}
    assert asked == set(QUESTIONS) - {"all", "any", "not"}


def test_evidence_names_the_apis_and_counts_the_many() -> None:
    assert ask({"apis": "oas"}, subject(inventory=inventory(api("oas")))).evidence == ("API a1 orders",)
    many = ask({"apis": "oas"}, subject(inventory=inventory(*[api("oas")] * 7)))
    assert (len(many.evidence), many.evidence[-1]) == (6, "2 more APIs")


def test_evidence_shows_no_value_of_an_api() -> None:
    secret = subject(inventory=inventory(api(rewrite_to="tyk://self?key=canary")))
    assert "canary" not in str(ask({"api_text": "tyk://"}, secret))


@pytest.mark.parametrize(
    ("detector", "words"),
    [
        ({"env": "PATH", "set": True}, "'PATH' is no variable"),
        ({"moon": "full"}, "no detector is called 'moon'"),
        ({}, "no detector is called ''"),
        ({"all": [{"apis": "oas"}, {"not": {"moon": 1}}]}, "'moon'"),
    ],
)
def test_faults_in_a_detector_are_named(detector: Detector, words: str) -> None:
    assert words in "; ".join(faults_of(detector))


def test_a_sound_detector_has_no_faults() -> None:
    assert [fault for detector, _, _ in CASES for fault in faults_of(detector)] == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["env", "name", "image", "command", "securityContext", "volumes", "lifecycle",
                             "resources", "limits", "initContainers", "metadata", "kind", "type", "secret"]),
            inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["env", "volumes", "initContainers", "command", "resources",
                                        "securityContext", "livenessProbe"]), _JSON))  # fmt: skip
def test_no_manifest_makes_a_detector_fail(odd: dict[str, Any]) -> None:
    strange = Side(objects=(odd, {"kind": "Secret", "metadata": odd}), pod=odd, container=odd)
    for detector, _, _ in CASES:
        ask(detector, Subject(strange, strange, given=odd))
