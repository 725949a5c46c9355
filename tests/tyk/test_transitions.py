"""Each record of the data against a release that it meets and one that it does not, and the moves that cross it."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.model.knowledge import TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.tyk import versions
from helm_tyk_upgrade.tyk.subject import Subject
from helm_tyk_upgrade.tyk.transitions import Move, elsewhere, records, transitions
from tests.tyk.subjects import GO_PLUGIN, api, inventory, pod_of, service, side, subject

OAS = inventory(api("oas"))
MDCB = {"TYK_GW_SLAVEOPTIONS_USERPC": "true"}
TLS = {"TYK_GW_HTTPSERVEROPTIONS_USESSL": "true"}
OPERATOR = pod_of("tykio/tyk-operator:v1.4.2")
TEMPLATE_USER = {"runAsNonRoot": True}
SHELL = {"lifecycle": {"preStop": {"exec": {"command": ["/bin/sh", "-c", "sleep 5"]}}}}
TWICE = {"env": [{"name": "TYK_GW_LOGLEVEL"}, {"name": "TYK_GW_LOGLEVEL"}]}
PROBE = {"livenessProbe": {"httpGet": {"path": "/hello"}}}
CHECK = "TYK_GW_LIVENESSCHECK_CHECKDURATION"
EE = side(image="tykio/tyk-gateway-ee:v5.8.5")
INIT = {"initContainers": [{"name": "setup-directories", "securityContext": {"runAsUser": 65532}}]}
SAME_INIT = {"initContainers": [{"name": "setup-directories", "securityContext": {"runAsUser": 1000}}]}
AS_1000 = {"securityContext": {"runAsUser": 1000}}
EOL_IMAGE = side(image="docker.tyk.io/tyk-gateway/tyk-gateway:v5.9.1", version="5.9.1")


def after(**env: str) -> Subject:
    return subject(side(env))


# record, from, to, a release that it meets, one that it does not
ROWS: list[tuple[str, str, str, Subject, Subject]] = [
    ("go-plugins-recompile", "5.8.14", "5.8.15", subject(plugins=GO_PLUGIN), subject()),
    ("go-plugin-failure-is-500", "5.0.0", "5.1.0", subject(plugins=GO_PLUGIN), subject()),
    ("go-plugin-failure-is-skipped", "5.1.0", "5.0.0", subject(plugins=GO_PLUGIN), subject()),
    ("letsencrypt-removed", "4.3.1", "5.0.0", after(TYK_GW_HTTPSERVEROPTIONS_USELE_SSL="true"), subject()),
    ("rpc-pool-smaller", "5.0.0", "5.1.0", after(**MDCB),
     after(**MDCB, TYK_GW_SLAVEOPTIONS_RPCPOOLSIZE="20")),
    ("oas-format", "5.2.4", "5.13.1", subject(inventory=OAS), subject()),
    ("oas-format-licensed", "5.2.4", "5.3.0", subject(side(MDCB), inventory=OAS), subject(inventory=OAS)),
    ("oas-format-back", "5.3.0", "5.2.4", subject(inventory=OAS), subject()),
    ("python-not-in-image", "5.2.4", "5.3.0",
     subject(inventory=inventory(api(custom_middleware={"driver": "python"}))), subject()),
    ("no-shell", "5.3.0", "5.8.5", subject(side(container=SHELL), side(version="5.3.0")),
     subject(side(container=SHELL), side(version="5.6.0"))),
    ("unreadable-check-duration", "5.2.4", "5.3.0", after(**{CHECK: "10"}), after(**{CHECK: "10s"})),
    ("check-duration-unit", "5.3.8", "5.4.0", after(**{CHECK: "10ns"}), after(**{CHECK: "10s"})),
    ("check-duration-unit-back", "5.4.0", "5.3.8", after(**{CHECK: "10s"}), after(**{CHECK: "10ns"})),
    ("external-oauth-deprecated", "5.6.0", "5.7.0", subject(inventory=inventory(api(use_openid=True))),
     subject(inventory=inventory(api(use_openid=False, external_oauth={"enabled": False})))),
    ("oas-of-5.0-panics", "5.0.15", "5.8.0", subject(inventory=OAS), subject()),
    ("explicit-policy-id-deprecated", "5.8.8", "5.8.9",
     subject(given={"tyk-gateway": {"gateway": {"extraEnvs": [
         {"name": "TYK_GW_POLICIES_ALLOWEXPLICITPOLICYID", "value": "true"}]}}}), subject()),
    ("dynamic-mtls-needs-certificate", "5.8.11", "5.8.12",
     subject(inventory=inventory(api(auth={"use_certificate": True}))),
     subject(side({"TYK_GW_SECURITY_ALLOWUNSAFEDYNAMICMTLSTOKEN": "true"}),
             inventory=inventory(api(auth={"use_certificate": True})))),
    ("tls-1.3-by-default", "5.8.13", "5.8.14", after(**TLS),
     after(**TLS, TYK_GW_HTTPSERVEROPTIONS_MAXVERSION="771")),
    ("tls-range-is-fatal", "5.12.1", "5.13.0",
     after(TYK_GW_HTTPSERVEROPTIONS_MINVERSION="772", TYK_GW_HTTPSERVEROPTIONS_MAXVERSION="771"),
     after(TYK_GW_HTTPSERVEROPTIONS_MINVERSION="771")),
    ("loops-drop-query", "5.12.1", "5.13.0",
     subject(inventory=inventory(api(rules=[{"rewrite_to": "tyk://self/x"}]))), subject()),
    ("policy-id-characters", "5.12.1", "5.13.0", subject(inventory=inventory(policies=("gold/plan",))),
     subject(side({"TYK_GW_ALLOWUNSAFEPOLICYIDS": "true"}), inventory=inventory(policies=("gold/plan",)))),
    ("mdcb-first", "5.8.5", "5.13.1", after(**MDCB), subject()),
    ("log-format", "5.13.0", "5.13.1", subject(), after(TYK_GW_LOGFORMAT="legacy")),
    ("log-message-key", "5.13.1", "5.14.0", subject(), after(TYK_GW_LOGFORMAT="legacy")),
    ("gomaxprocs", "5.8.14", "5.8.15",
     subject(side(container={"resources": {"limits": {"cpu": "500m"}}})), subject()),
    ("integer-timeouts-deprecated", "5.13.1", "5.14.0",
     subject(inventory=inventory(api(hard_timeouts=[{"path": "/x", "timeout": 5}]))), subject()),
    ("protected-resource-metadata-moved", "5.13.0", "5.14.0",
     subject(inventory=inventory(api("oas", protectedResourceMetadata={"enabled": True}))), subject()),
    ("async-session-write-dropped", "1.0.0", "1.1.0",
     subject(before=side({"TYK_GW_OPTIMISATIONSUSEASYNCSESSIONWRITE": "true"})), subject()),
    ("service-cluster-ip", "1.1.0", "1.2.0",
     subject(side(objects=(service("ClusterIP"),)), side(objects=(service("NodePort"),))),
     subject(side(objects=(service("NodePort"),)), side(objects=(service("NodePort"),)))),
    ("gateway-goes-back-to-lts", "1.6.0", "2.0.0", subject(side(version="5.3.5"), side(version="5.5.0")),
     subject(side(version="5.5.0"), side(version="5.5.0"))),
    ("strict-path-matching", "1.6.0", "2.0.0", after(TYK_GW_HTTPSERVEROPTIONS_ENABLESTRICTROUTES="true"),
     after(TYK_GW_HTTPSERVEROPTIONS_ENABLESTRICTROUTES="false")),
    ("operator-needs-license", "2.0.0", "2.1.0", subject(side(objects=(OPERATOR,))),
     subject(side(objects=(OPERATOR,)), given={"global": {"license": {"operator": "x"}}})),
    ("streaming", "2.1.0", "2.2.0", after(TYK_GW_STREAMING_ENABLED="true"),
     subject(side({"TYK_GW_STREAMING_ENABLED": "true"}), side({"TYK_GW_STREAMING_ENABLED": "true"}))),
    ("gateway-at-end-of-life", "3.0.0", "5.3.0", subject(EOL_IMAGE), subject()),
    ("gateway-ee", "3.0.0", "4.0.0", subject(EE, plugins=GO_PLUGIN), subject(EE, EE, plugins=GO_PLUGIN)),
    ("xff-depth", "4.1.1", "5.0.0", after(TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH="1"),
     subject(side({"TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH": "1"}),
             side({"TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH": "1"}))),
    ("redis-idle-connections", "4.1.1", "5.0.0", after(TYK_GW_STORAGE_MAXIDLE="1000"),
     after(TYK_GW_STORAGE_MAXIDLE="100")),
    ("operator-values-not-read", "5.1.1", "5.2.0",
     subject(side(objects=(OPERATOR,)), given={"tyk-operator": {"podLabels": {"team": "a"}}}),
     subject(side(objects=(OPERATOR,)))),
    ("operator-waits-for-its-secret", "4.0.0", "5.0.0", subject(side(objects=(OPERATOR,))),
     subject(side(objects=(OPERATOR,)), side(objects=(OPERATOR,)))),
    ("image-runs-as-root", "5.3.0", "5.4.0",
     subject(side(version="5.9.1", pod={"securityContext": TEMPLATE_USER})),
     subject(side(version="5.13.1", pod={"securityContext": TEMPLATE_USER}))),
    ("directories-of-another-user", "5.3.0", "5.4.0", subject(side(pod=INIT, container=AS_1000)),
     subject(side(pod=SAME_INIT, container=AS_1000))),
    ("probe-asks-another-path", "4.1.1", "5.0.0",
     subject(side({"TYK_GW_HEALTHCHECKENDPOINTNAME": "health"}, container=PROBE), side(container=PROBE)),
     subject(side(container=PROBE), side(container=PROBE))),
    ("variables-twice", "4.1.1", "5.0.0", subject(side(container=TWICE), server_side=True),
     subject(side(container=TWICE))),
]  # fmt: skip
NEVER_SURE = {"rate-limit-several-policies"}
"""Records that no release can be seen to meet: only that it may."""
CHARTS = {"gateway-ee": "tyk-stack"}


def move(record: str, start: str, to: str) -> Move:
    """The one component moves; the other stays."""
    component = next(one.component for one in records() if one.id == record)
    stays = Known("5.3.0" if component == "gateway" else "5.8.5")
    ends = (Known(start), Known(to))
    chart, gateway = ((stays, stays), ends) if component == "gateway" else (ends, (stays, stays))
    return Move(CHARTS.get(record, "tyk-oss"), *chart, *gateway)


def found(answer: Maybe[tuple[TransitionFinding, ...]]) -> dict[str, TransitionFinding]:
    assert isinstance(answer, Known)
    return {one.id: one for one in answer.value}


def concerns(record: str, start: str, to: str, release: Subject) -> Maybe[bool]:
    return found(transitions(move(record, start, to), release))[record].concerns


@pytest.mark.parametrize(("record", "start", "to", "met", "unmet"), ROWS, ids=[row[0] for row in ROWS])
def test_a_record_meets_the_release_that_shows_it(
    record: str, start: str, to: str, met: Subject, unmet: Subject
) -> None:
    assert concerns(record, start, to, met) == Known(True)
    assert concerns(record, start, to, unmet) == Known(False)
    stays = transitions(move(record, start, start), met)
    assert record not in found(stays), "a version that stays crosses nothing"


def test_every_record_has_its_row() -> None:
    assert [row[0] for row in ROWS] == [one.id for one in records() if one.id not in NEVER_SURE]


def test_what_only_redis_knows_is_unknown() -> None:
    several = subject(inventory=inventory(policies=("gold", "silver")))
    assert isinstance(concerns("rate-limit-several-policies", "5.3.8", "5.4.0", several), Unknown)
    assert concerns("rate-limit-several-policies", "5.3.8", "5.4.0", subject()) == Known(False)


@pytest.mark.parametrize(
    ("record", "start", "to"),
    [
        ("oas-format", "5.3.0", "5.13.1"),  # already there
        ("oas-format", "5.0.0", "5.2.4"),  # not yet
        ("oas-format", "5.13.1", "5.2.4"),  # the other way
        ("tls-1.3-by-default", "5.8.14", "5.13.0"),  # from the patch that had it first
        ("tls-1.3-by-default", "5.8.5", "5.12.0"),
        ("log-format", "5.13.1", "5.14.0"),
        ("oas-of-5.0-panics", "5.0.15", "5.8.1"),
        ("go-plugin-failure-is-500", "5.0.1", "5.1.0"),
        ("go-plugin-failure-is-500", "4.0.13", "5.0.1"),
        ("go-plugin-failure-is-skipped", "4.3.3", "5.0.0"),
        ("gateway-goes-back-to-lts", "1.6.0", "4.0.0"),
        ("xff-depth", "5.0.0", "5.3.0"),
        ("image-runs-as-root", "5.1.1", "5.3.0"),
    ],
)
def test_moves_that_do_not_cross(record: str, start: str, to: str) -> None:
    assert record not in found(transitions(move(record, start, to), subject()))


def test_a_prerelease_brings_what_its_release_brings() -> None:
    crossed = found(transitions(move("log-message-key", "5.13.1", "5.14.0-rc1"), subject()))
    assert "log-message-key" in crossed
    assert "gateway-outside-of-data" not in crossed


@pytest.mark.parametrize(
    ("component", "start", "to", "words"),
    [
        ("gateway", "5.13.1", "6.0.0", "6.0.0 not in the data of"),
        ("gateway", "3.2.1", "5.13.1", "3.2.1 not in the data of"),
        ("chart", "5.3.0", "9.0.0", "9.0.0 not in the data of"),
    ],
)
def test_a_version_outside_of_the_data_is_unknown(component: str, start: str, to: str, words: str) -> None:
    record = "go-plugins-recompile" if component == "gateway" else "xff-depth"
    outside = found(transitions(move(record, start, to), subject()))[f"{component}-outside-of-data"]
    assert isinstance(outside.concerns, Unknown)
    assert words in outside.concerns.reason


def test_what_is_known_of_the_chart_is_told_beside_an_unknown_gateway() -> None:
    no = Unknown("the image tag 'company-7' is not a Tyk version")
    crossed = found(
        transitions(Move("tyk-oss", Known("4.1.1"), Known("5.0.0"), Known("5.8.5"), no), subject())
    )
    assert crossed["gateway-outside-of-data"].concerns == no
    assert "xff-depth" in crossed
    assert "go-plugins-recompile" not in crossed


def test_nothing_known_of_either_is_unknown_as_a_whole() -> None:
    no, neither = Unknown("no tag"), Unknown("no chart label")
    assert transitions(Move("tyk-gateway", neither, neither, no, no), subject()) == Unknown(
        "no chart label; no tag"
    )


def test_nothing_moves_nothing_is_found() -> None:
    same, strange = Known("5.8.5"), Known("77.0.0")
    assert transitions(Move("tyk-oss", strange, strange, same, same), subject()) == Known(())


def test_records_for_some_charts_are_for_those() -> None:
    ends = (Known("3.0.0"), Known("5.3.0"), Known("5.8.5"), Known("5.8.5"))
    assert "gateway-at-end-of-life" in found(transitions(Move("tyk-oss", *ends), subject()))
    assert "gateway-at-end-of-life" not in found(transitions(Move("tyk-stack", *ends), subject()))


def test_what_concerns_the_release_comes_first_and_the_rest_last() -> None:
    ends = (Known("1.0.0"), Known("5.3.0"), Known("5.2.4"), Known("5.13.1"))
    answer = transitions(Move("tyk-oss", *ends), subject(inventory=OAS, plugins=Unknown("not asked")))
    assert isinstance(answer, Known)
    order = [
        "?" if isinstance(one.concerns, Unknown) else "yes" if one.concerns.value else "no"
        for one in answer.value
    ]
    assert order == sorted(order, key=("yes", "?", "no").index)
    assert answer.value[0].id == "oas-format"
    assert answer.value[0].evidence == ("API a1 orders",)


def test_the_data_agrees_with_the_survey_of_charts() -> None:
    """What the two chart records about gateway versions say, looked up version by version."""
    for version in ("4.0.0", "4.1.1", "5.0.0", "5.3.0"):
        known = versions.chart("tyk-oss", version)
        assert known is not None
        assert known.gateway_tag == "v5.9.1"
    old, new = versions.chart("tyk-oss", "1.6.0"), versions.chart("tyk-oss", "2.0.0")
    assert old is not None
    assert new is not None
    assert (old.gateway_tag, new.gateway_tag) == ("v5.5.0", "v5.3.5")


def test_every_record_says_what_to_do_and_where_to_look_it_up() -> None:
    for record in records():
        assert record.what, record.id
        assert record.todo, record.id
        assert record.source, record.id


def test_only_changes_of_format_are_one_way() -> None:
    assert {one.id for one in records() if one.one_way} == {
        "oas-format", "oas-format-licensed", "oas-format-back"
    }  # fmt: skip
    assert {one.id for one in records() if one.check == "one-way-changes"} == {
        "oas-format",
        "oas-format-back",
    }


def test_what_is_found_elsewhere_is_named() -> None:
    assert dict(elsewhere())["API definitions and policies in an emptyDir"] == "apis-in-emptydir"


def test_only_the_newest_chart_is_supported() -> None:
    gateway = Known("5.9.1")
    old = transitions(Move("tyk-oss", Known("4.0.0"), Known("3.0.0"), gateway, gateway), subject())
    assert isinstance(old, Known)
    (told,) = (one for one in old.value if one.id == "chart-not-supported")
    assert told.what.startswith("tyk-oss 3.0.0 is not supported: only the newest release is, ")
    assert (told.severity, told.check, told.concerns) == ("tells", "gateway-support", Known(True))
    newest = Known(versions.newest_chart("tyk-oss"))
    assert transitions(Move("tyk-oss", newest, newest, gateway, gateway), subject()) == Known(())


def test_a_chart_newer_than_the_data_or_of_no_version_is_not_called_old() -> None:
    for version in ("99.0.0", "latest"):
        found = transitions(
            Move("tyk-oss", Known(version), Known(version), Known("5.9.1"), Known("5.9.1")), subject()
        )
        assert found == Known(())


@pytest.mark.parametrize(
    ("chart", "place"), [("tyk-oss", "set tyk-gateway.gateway.https"), ("tyk-gateway", "set gateway.https")]
)
def test_what_is_to_be_done_names_the_value_as_the_chart_has_it(chart: str, place: str) -> None:
    asked = subject(side({"TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH": "1"}))
    answer = transitions(Move(chart, Known("4.1.1"), Known("5.3.0"), Known("5.9.1"), Known("5.9.1")), asked)
    assert isinstance(answer, Known)
    (found,) = (one for one in answer.value if one.id == "xff-depth")
    assert found.todo.startswith(place)


def test_no_placeholder_is_left_in_any_text() -> None:
    for chart in ("tyk-oss", "tyk-gateway", "tyk-stack"):
        answer = transitions(
            Move(chart, Known("1.0.0"), Known("5.3.0"), Known("4.3.1"), Known("5.13.1")), subject()
        )
        assert isinstance(answer, Known)
        assert not any("{" in one.todo for one in answer.value)
