"""A secret planted in each place where charts, clusters and people keep one is in no view of a plan. No other place
tells the masker of it first: each has a value of its own."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
import yaml

from helm_tyk_upgrade.cli import main
from helm_tyk_upgrade.context import Streams
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.manifests.secrets import secret_values
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.change import EditedFile, Judgement, NewDefault, Override, ValuesChanges
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import Entry, Outcome, PodProof, StepResult, StepStatus
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.server import Drift, DryRunAnswer, ImagePresence, ServerTruth
from helm_tyk_upgrade.model.values import FileWarning, ValuesAdvice, ValuesReport
from helm_tyk_upgrade.model.verdict import failed, unknown
from helm_tyk_upgrade.report import json_v1, markdown, terminal
from helm_tyk_upgrade.report import values_report as view
from helm_tyk_upgrade.report.detail import parse_detail
from tests.report import records

WORD = "hush9Zq"


def secret(number: int) -> str:
    """No two alike, none part of another, each findable by WORD in clear text."""
    return f"{WORD}-{number:02d}-pl4nted-{number * 7919:06d}"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def jwt(text: str) -> str:
    return ".".join(b64(part).rstrip("=") for part in ('{"alg":"HS256"}', json.dumps({"sub": text}), text))


def pem(text: str) -> str:
    return f"-----BEGIN RSA PRIVATE KEY-----\n{text}\n{text}\n-----END RSA PRIVATE KEY-----\n"


LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CONFIG = {
    "listen_port": 8080,
    "secret": secret(0),
    "storage": {"type": "redis", "password": secret(1)},
    "slave_options": {"api_key": secret(2), "connection_string": f"mdcb:{secret(3)}"},
}
PLACES: dict[str, dict[str, object]] = {
    "a Secret's data": {"kind": "Secret", "data": {"mode": b64(secret(4)), "x": b64(secret(5))}},
    "a Secret's stringData": {"kind": "Secret", "stringData": {"plain": secret(6)}},
    "a whole tyk.conf in a ConfigMap": {"kind": "ConfigMap", "data": {"tyk.conf": json.dumps(CONFIG)}},
    "the same, indented": {"kind": "ConfigMap", "data": {"tyk.conf": json.dumps(CONFIG, indent=2)}},
    "an ini file": {"kind": "ConfigMap", "data": {"a.ini": f"port=1\npassword={secret(7)}\n"}},
    "binaryData": {"kind": "ConfigMap", "binaryData": {"blob": b64(f"anything {secret(8)}")}},
    "a key under an innocent name": {"kind": "ConfigMap", "data": {"server.pem": pem(secret(9))}},
    "a token under an innocent name": {"kind": "ConfigMap", "data": {"header": jwt(secret(10))}},
    "a header": {
        "kind": "ConfigMap",
        "data": {"curl": f"curl -H 'Authorization: Bearer {secret(11)}' http://x"},
    },
    "basic authentication": {"kind": "ConfigMap", "data": {"curl": f"curl -u joe:{secret(12)} http://x"}},
    "a custom resource": {
        "kind": "TykGateway",
        "spec": {"auth": {"apiKey": secret(13)}, "token": secret(14)},
    },
    "kubectl's annotation on a Secret": {
        "kind": "Service",
        "metadata": {
            "annotations": {LAST_APPLIED: json.dumps({"kind": "Secret", "data": {"mode": b64(secret(15))}})}
        },
    },
    "kubectl's annotation on another": {
        "kind": "Service",
        "metadata": {"annotations": {LAST_APPLIED: json.dumps({"spec": {"password": secret(16)}})}},
    },
    "an annotation": {"kind": "Service", "metadata": {"annotations": {"x/token": secret(17)}}},
    "environment and arguments": {
        "kind": "Pod",
        "spec": {
            "containers": [
                {
                    "name": "a",
                    "env": [
                        {"name": "TYK_GW_SECRET", "value": secret(18)},
                        {"name": "TYK_GW_STORAGE", "value": f"redis://:{secret(19)}@redis:6379/0"},
                        {"name": "PG", "value": f"postgres://u:{secret(20)}@db:5432/tyk?sslmode=disable"},
                        {"name": "MONGO", "value": f"mongodb+srv://u:{quote(secret(21) + '/?')}@m/tyk"},
                        {"name": "AMQP", "value": f"amqp://guest:{secret(22)}@mq//"},
                        {"name": "DSN_LIKE", "value": f"host=db password='{secret(23)}' dbname=tyk"},
                        {"name": "OPTIONS", "value": json.dumps({"clientSecret": secret(24)})},
                    ],
                    "args": [f"--password={secret(25)}", "--api-key", secret(26), "--port", "8080"],
                    "command": ["sh", "-c", f"exec tyk --token {secret(27)} --conf /a"],
                }
            ]
        },
    },
}
DEPLOYMENT = records.DEPLOYMENT
UNTRUSTED = f"denied: token={secret(30)}, {pem(secret(31))} https://u:{secret(32)}@host {jwt(secret(33))}"
KNOWN = secret(34)
"""Known from the values: hidden wherever it comes back, in each of its forms."""
FORMS = f"{KNOWN} {b64(KNOWN)} {b64('joe:' + KNOWN)} {quote(KNOWN + '&', safe='')} {json.dumps(KNOWN)}"


def objects(planted: bool) -> str:
    found = []
    for number, place in enumerate(PLACES.values()):
        metadata = {"name": f"o{number}", **(place.get("metadata", {}) if planted else {})}  # type: ignore[dict-item]
        body = {**place, "metadata": metadata} if planted else {"kind": place["kind"], "metadata": metadata}
        found.append("---\n" + yaml.safe_dump({"apiVersion": "v1", **body}, sort_keys=False))
    return "".join(found)


def plan(old: str, new: str) -> Plan:
    """Every row that holds texts of others holds secrets too."""
    said = f"{UNTRUSTED} {FORMS}"
    answer = DryRunAnswer(DEPLOYMENT, Known(False), said, (said,))
    tried = DryRunAnswer(DEPLOYMENT, Unknown(said))
    drift = (
        Drift(DEPLOYMENT, "spec.password", secret(35), secret(36), "password", said),
        Drift(records.SECRET, "data.mode", b64(secret(37)), b64(secret(38)), "mode"),
    )
    base = records.plan()
    merged = {"global": {"redis": {"pass": KNOWN}}}
    return replace(
        base,
        objects=compare(old, new, namespace="tyk"),
        values=replace(base.values, merged=merged),
        server=ServerTruth(
            forward=Known((answer, tried)),
            back=Unknown(said),
            drift=Known(drift),
            images=Known((ImagePresence(f"x/y:{KNOWN}", (said,), Unknown(said), evidence=said),)),
            images_back=Unknown(said),
        ),
        transitions=Known(
            (TransitionFinding("id", "gateway", "warns", said, Unknown(said), (said,), said, said),)
        ),
        plugins=Known(
            GoPlugins((GoPlugin(said, said, (said,), Unknown(said)),), (said,), (said,), (said,), said)
        ),
        verdicts=(failed("a", said, said, hint=said), unknown("way-back", said, said)),
        catalogue_notes=(said,),
    )


VIEWS: dict[str, Callable[[Plan, Masker], str]] = {
    "text": terminal.plan,
    "text, all of it": lambda plan, masker: terminal.plan(plan, masker, detail=parse_detail("all")),
    "json": json_v1.plan_json,
    "markdown": markdown.plan_markdown,
}


def leaks(text: str) -> list[str]:
    """The planted values that can be read, in clear or encoded."""
    joined = " ".join(text.split())
    found = []
    for number in range(40):
        value = secret(number)
        forms = (value, b64(value), quote(value, safe=""), b64(value)[:16], value.split("-", 1)[1])
        found += [form for form in forms if form in joined or form in text]
    return found + ([WORD] if WORD in text else [])


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_added_is_hidden(view: str) -> None:
    assert leaks(VIEWS[view](plan("", objects(planted=True)), Masker())) == []


@pytest.mark.parametrize("view", VIEWS)
def test_what_changes_is_hidden(view: str) -> None:
    old, new = objects(planted=True).replace(WORD, "old" + WORD), objects(planted=True)
    masker = Masker()
    for manifest in (old, new):  # as a plan does: a word of a command line alone does not show what it is
        masker.learn(secret_values(split(manifest)))
    assert leaks(VIEWS[view](plan(old, new), masker)) == []


@pytest.mark.parametrize("view", VIEWS)
def test_what_comes_into_an_object_is_hidden(view: str) -> None:
    assert leaks(VIEWS[view](plan(objects(planted=False), objects(planted=True)), Masker())) == []


def test_the_secrets_are_really_planted() -> None:
    text = objects(planted=True)
    found = [
        number
        for number in range(28)
        if secret(number) in text or b64(secret(number)) in text or b64(secret(number))[:8] in text
    ]
    assert len(found) >= 25
    assert len(leaks(text)) > 20


@pytest.mark.parametrize(
    "text",
    [
        "registry.example:5000/tyk-gateway:v5.13.1@sha256:0123456789abcdef",
        "oci://registry.example:5000/charts/tyk-oss@sha256:0123",
        "http://gateway-svc-tyk.tyk.svc:8080/hello",
        "replicas: 3, port: 8080, enabled: true",
        "basic authentication is off, bearer tokens are not used",
        "user=1000 group=2000 listen=8080",
        "--secret-name tyk --port 8080 --token-file /run/x",
        "kubectl run -u 1000:1000",
        "compass=north token=true secret=false",
        "Deployment gateway-tyk is rejected: spec.selector: field is immutable",
        "2026-11-24T01:02:03Z",
    ],
)
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert Masker().text(text) == text


def test_equal_secrets_have_equal_fingerprints_whatever_their_place() -> None:
    masker = Masker()
    masker.learn([KNOWN])
    mark = masker.fingerprint(KNOWN)
    shown = masker.text(f"{KNOWN} {b64(KNOWN)} redis://:{KNOWN}@h password={KNOWN} --token {KNOWN}")
    assert shown == f"{mark} {mark} redis://:{mark}@h password={mark} --token {mark}"
    assert Masker().fingerprint(KNOWN) != mark
    assert len(masker.fingerprint("x")) == len(masker.fingerprint("x" * 1000))


SAID = f"{UNTRUSTED} {FORMS}"


def outcome() -> Outcome:
    base = records.outcome()
    step = StepResult(StepStatus.FAILED, SAID)
    return replace(
        base,
        reason=SAID,
        entries=(Entry(1, "prove", "begin", "t"), Entry(2, "prove", "end", "t", step, 1.0)),
        proof=(PodProof("gateway-1", (failed("hello", SAID, SAID, hint=SAID),)),),
        bundle=SAID,
        next_action=SAID,
    )


def knowing() -> Masker:
    masker = Masker()
    masker.learn([KNOWN])
    return masker


@pytest.mark.parametrize("render", [terminal.outcome, json_v1.outcome_json, markdown.outcome_markdown])
def test_an_outcome_hides_what_servers_and_logs_said(render: Callable[[Outcome, Masker], str]) -> None:
    assert leaks(render(outcome(), knowing())) == []


def test_a_verification_hides_what_pods_said() -> None:
    result = StepResult(StepStatus.FAILED, SAID)
    text = json_v1.verification_json(records.plan().release, outcome().proof, result, knowing())
    assert leaks(text) == []
    assert leaks(terminal.verdicts(SAID, outcome().proof[0].verdicts, knowing())) == []


def values_report() -> ValuesReport:
    """A secret under each key that names one, in a comment, in a connection string, and in what the chart says."""
    text = "a:\n  token: {}\n  url: redis://:{}@h\n# password: {}\nargs: [--api-key={}]\n"
    old, new = (text.format(*map(secret, numbers)) for numbers in (range(4), range(4, 8)))
    path = ("a", "token")
    override = Override(
        path,
        Known(secret(8)),
        Known(secret(9)),
        secret(10),
        Known(secret(10)),
        Judgement.DEAD,
        SAID,
        comment=SAID,
    )
    default = NewDefault(path, secret(11), secret(12), SAID)
    edited = EditedFile("values.yaml", old.encode(), new.encode(), "0" * 64, ())
    return ValuesReport(
        chart="tyk-oss",
        start=Chosen("4.0.0", SAID),
        to=Chosen("5.0.0", SAID),
        source=SAID,
        helm="v4",
        changes=ValuesChanges((), (override,), (default,), (), (edited,), (SAID,)),
        advice=ValuesAdvice(warnings=(FileWarning("values.yaml", 1, "kind", SAID),)),
        given={"a": {"token": secret(4)}},
        notes=(SAID,),
    )


@pytest.mark.parametrize(
    "render",
    [
        view.as_text,
        view.as_json,
        view.as_diff,
        view.as_markdown,
    ],
)
def test_a_report_on_values_hides_them(render: Callable[[ValuesReport, Masker], str]) -> None:
    assert leaks(render(values_report(), knowing())) == []


def test_an_error_hides_what_was_typed() -> None:
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    assert main([f"https://u:{secret(0)}@host", "--x"], {"HOME": "/nonexistent"}, streams) == 1
    said = streams.stderr.getvalue()  # type: ignore[attr-defined]
    assert "there is no command" in said
    assert leaks(said + streams.stdout.getvalue()) == []  # type: ignore[attr-defined]


def test_an_unexpected_error_hides_what_it_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise ValueError(UNTRUSTED)

    monkeypatch.setattr("helm_tyk_upgrade.verbs.version.run", broken)
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    assert main(["version", "--debug"], {"HOME": "/nonexistent"}, streams) == 1
    said = streams.stderr.getvalue()  # type: ignore[attr-defined]
    assert "Traceback" in said
    assert leaks(said) == []
