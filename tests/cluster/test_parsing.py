"""Answers of the API server as records: refusals, discovery, rights, events, proxied answers."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from helm_tyk_upgrade.cluster import logs, rights
from helm_tyk_upgrade.cluster.discovery import kinds_of, served
from helm_tyk_upgrade.cluster.events import moment, parse_event
from helm_tyk_upgrade.cluster.proxied import parse
from helm_tyk_upgrade.cluster.refusals import ApiRefused, refusal
from helm_tyk_upgrade.cluster.resources import Resource, built_in
from helm_tyk_upgrade.errors import NotFound
from helm_tyk_upgrade.model.known import Known, Unknown


def status(**fields: Any) -> bytes:
    return json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", **fields}).encode()


class TestRefusals:
    def test_a_status_gives_reason_words_and_causes(self) -> None:
        causes = [{"field": "spec.x", "message": "field is immutable"}]
        body = status(reason="Invalid", message="it is invalid", details={"causes": causes})
        error = refusal(422, body, "PATCH deployments web in tyk")
        assert isinstance(error, ApiRefused)
        assert (error.code, error.reason) == (422, "Invalid")
        assert error.message == "PATCH deployments web in tyk: it is invalid"
        assert error.causes == ("spec.x: field is immutable",)

    def test_404_is_not_found(self) -> None:
        assert isinstance(refusal(404, status(message="no"), "GET x"), NotFound)

    @pytest.mark.parametrize("body", [b"<html>login</html>", b"", b"\xff\xfe", b"[1]", b"null"])
    def test_a_proxys_page_is_no_words(self, body: bytes) -> None:
        error = refusal(502, body, "GET x")
        assert isinstance(error, ApiRefused)
        assert "<html>" not in error.message
        assert error.reason == ""

    def test_control_characters_and_length_are_tamed(self) -> None:
        error = refusal(400, status(message="\x1b[31m" + "x" * 5000), "GET x")
        assert "\x1b" not in error.message
        assert len(error.message) < 1100

    @pytest.mark.parametrize("code", [401, 403, 409, 410, 429, 500])
    def test_each_has_a_hint(self, code: int) -> None:
        assert refusal(code, status(message="no"), "GET x").hint


class TestResources:
    @pytest.mark.parametrize(
        ("resource", "arguments", "path"),
        [
            (Resource("v1", "Pod", "pods", True), ("tyk", "p", "log"), "api/v1/namespaces/tyk/pods/p/log"),
            (Resource("v1", "Pod", "pods", True), (), "api/v1/pods"),
            (
                Resource("apps/v1", "Deployment", "deployments", True),
                ("tyk",),
                "apis/apps/v1/namespaces/tyk/deployments",
            ),
            (Resource("v1", "Node", "nodes", False), ("", "n"), "api/v1/nodes/n"),
        ],
    )
    def test_paths(self, resource: Resource, arguments: tuple[str, ...], path: str) -> None:
        assert resource.path(*arguments) == path

    def test_groups_and_versions(self) -> None:
        assert (built_in("v1", "Pod") or _fail()).group == ""
        found = built_in("apps/v1", "Deployment") or _fail()
        assert (found.group, found.version, found.plural, found.namespaced) == (
            "apps",
            "v1",
            "deployments",
            True,
        )
        assert built_in("apps/v1", "Pod") is None

    def test_discovery_leaves_subresources_out(self) -> None:
        answer = {
            "resources": [
                {"name": "things", "kind": "Thing", "namespaced": True},
                {"name": "things/status", "kind": "Thing", "namespaced": True},
                {"name": "bigs", "kind": "Big", "namespaced": False},
            ]
        }
        assert kinds_of("x.io/v1", answer) == {
            "Thing": Resource("x.io/v1", "Thing", "things", True),
            "Big": Resource("x.io/v1", "Big", "bigs", False),
        }

    def test_all_forms_of_the_group_list_are_read(self) -> None:
        aggregated = {
            "kind": "APIGroupDiscoveryList",
            "items": [
                {
                    "metadata": {"name": "apps"},
                    "versions": [{"version": "v1", "resources": [{"responseKind": {"kind": "Deployment"}}]}],
                },
                {
                    "metadata": {},
                    "versions": [{"version": "v1", "resources": [{"responseKind": {"kind": "Pod"}}]}],
                },
            ],
        }
        assert served(aggregated) == ["apps/v1", "apps/v1/Deployment", "v1", "v1/Pod"]
        assert served({"kind": "APIVersions", "versions": ["v1"]}) == ["v1"]
        groups = [{"versions": [{"groupVersion": "apps/v1"}]}]
        assert served({"kind": "APIGroupList", "groups": groups}) == ["apps/v1"]


class TestRights:
    def test_the_question_splits_the_subresource(self) -> None:
        asked = rights.question("get", "", "pods/portforward", "tyk", "")["spec"]["resourceAttributes"]
        assert asked == {"verb": "get", "resource": "pods", "subresource": "portforward", "namespace": "tyk"}

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"allowed": True}, Known(True)),
            ({"allowed": False}, Known(False)),
            ({}, Known(False)),
            ({"allowed": False, "evaluationError": "webhook down"}, Unknown("webhook down")),
            ({"allowed": True, "evaluationError": "webhook down"}, Known(True)),
        ],
    )
    def test_an_answer_that_could_not_be_found_is_unknown(
        self, given: dict[str, Any], expected: object
    ) -> None:
        assert rights.answer({"status": given}) == expected


class TestEvents:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2026-11-23T20:04:35Z", datetime(2026, 11, 23, 20, 4, 35, tzinfo=timezone.utc)),
            ("2026-11-23T20:04:35.123456Z", datetime(2026, 11, 23, 20, 4, 35, 123456, tzinfo=timezone.utc)),
            (None, None),
            ("", None),
        ],
    )
    def test_times(self, text: str | None, expected: datetime | None) -> None:
        assert moment(text) == expected

    def test_old_and_new_forms_of_an_event(self) -> None:
        about = {"involvedObject": {"kind": "Pod", "name": "p"}, "reason": "Failed", "type": "Warning"}
        old = parse_event(
            {
                **about,
                "message": "m",
                "count": 3,
                "firstTimestamp": "2026-11-23T20:00:00Z",
                "lastTimestamp": "2026-11-23T20:01:00Z",
            }
        )
        assert (old.count, old.object, old.message) == (3, "Pod/p", "m")
        assert old.first is not None
        assert (old.time - old.first).total_seconds() == 60
        new = parse_event(
            {
                **about,
                "eventTime": "2026-11-23T20:00:00.000001Z",
                "series": {"count": 5, "lastObservedTime": "2026-11-23T20:00:09.000001Z"},
            }
        )
        assert (new.count, new.time.second) == (5, 9)

    def test_an_event_without_any_time_is_the_oldest(self) -> None:
        assert parse_event({"metadata": {}}).time.year == 1970


class TestProxied:
    @pytest.mark.parametrize(
        ("code", "body", "answered"),
        [
            (200, b"fine", True),
            (404, b"Not Found", True),
            (403, b'{"status":"error","message":"Attempted administrative access"}', True),
            (503, b'{"status":"error","message":"Redis connection not available"}', True),
            (403, status(reason="Forbidden", message="no"), False),
            (503, status(reason="ServiceUnavailable", message="no endpoints"), False),
            (502, b"error trying to reach service: dial tcp: refused", False),
            (200, status(message="an application may say this"), True),
        ],
    )
    def test_who_spoke(self, code: int, body: bytes, answered: bool) -> None:
        found = parse(code, {}, body)
        assert (found.status, found.answered) == (code, answered)
        assert bool(found.reason) != answered


class TestLogs:
    def test_only_what_is_asked_is_sent(self) -> None:
        assert logs.query("c", False, None, None, 10) == {"container": "c", "limitBytes": "10"}
        asked = logs.query("c", True, 5, 0, 10)
        assert (asked["previous"], asked["tailLines"], asked["sinceSeconds"]) == ("true", "5", "1")

    def test_a_container_that_did_not_start_has_no_log(self) -> None:
        with pytest.raises(NotFound), logs.translated("p", "c"):
            raise ApiRefused("container c is waiting to start", "", code=400, reason="BadRequest")
        with pytest.raises(ApiRefused), logs.translated("p", "c"):
            raise ApiRefused("a container name must be specified", "", code=400, reason="BadRequest")


def _fail() -> Resource:
    raise AssertionError("not built in")
