"""Gathering for a part of the plan: what nobody asked for is neither asked nor judged."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.edge.process import Completed
from helm_tyk_upgrade.errors import HelmError
from helm_tyk_upgrade.helm.argv import version
from helm_tyk_upgrade.model.inputs import Layers, Request, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.planning.build import build
from helm_tyk_upgrade.planning.facts import with_history_limit
from helm_tyk_upgrade.planning.gather import gather
from helm_tyk_upgrade.verbs.flags import no_trust
from tests.applying.build import scene

NOT_ASKED = Unknown("not asked for: --only diff")


def config(value: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{a: {value}}}\n"


def hexed(text: str) -> str:
    return text.encode().hex()


def stored(manifest: str) -> bytes:
    """What `helm get all` prints under our template: values {a: 1}."""
    record = {name: hexed(text) for name, text in (("name", "tyk"), ("namespace", "apis"), ("apply", ""))}
    record |= {"status": hexed("deployed"), "chart": hexed("tyk-oss"), "version": hexed("1.0.0")}
    record |= {"revision": 3, "manifest": hexed(manifest), "hooks": [], "values": {hexed("a"): 1}}  # type: ignore[dict-item]
    return json.dumps(record).encode()


class Door:
    """A Helm whose release holds 1 and whose upgrade would hold 2."""

    def __init__(self) -> None:
        self.verbs: list[str] = []
        self.refuses, self.said = False, b"Error: template: c/templates/a.yaml:1: bad"

    def run(self, argv: list[str], *, stdin: bytes | None = None, **_: Any) -> Completed:
        words = argv[1:]
        self.verbs.append(words[0])
        if words == version():
            return Completed(tuple(argv), 0, b"v4.3.1", b"")
        if words[0] == "upgrade" and self.refuses:
            return Completed(tuple(argv), 1, b"", self.said)
        return Completed(tuple(argv), 0, self.answer(words, stdin), b"")

    def answer(self, words: list[str], stdin: bytes | None) -> bytes:
        if words[0] == "get":
            return stored(config("1"))
        if words[0] == "upgrade":
            return json.dumps({"manifest": config("2"), "hooks": []}).encode()
        if words[2].endswith("/chart"):  # the copy that prints its values
            values = base64.b64encode(json.dumps({"a": 2}).encode()).decode()
            return json.dumps({"apiVersion": "v1", "metadata": {"name": "values"}, "values": values}).encode()
        assert stdin == b'{"a": 1}\n', "the values of the release"
        return config("1").encode()


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Context, Door]:
    context, door = scene(tmp_path).context, Door()
    monkeypatch.setattr(context.helm, "_processes", door)
    monkeypatch.setattr(context.helm, "_version", None)
    monkeypatch.setitem(context.env, "HELM_NAMESPACE", "apis")
    return context, door


@pytest.fixture
def request_of(tmp_path: Path) -> Request:
    folder = tmp_path / "oss"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: tyk-oss\nversion: 2.0.0\n")
    (folder / "templates" / "a.yaml").write_text(config("{{ .Values.a }}"))
    return Request(
        release="tyk",
        version="",
        gateway_version="",
        chart=str(folder),
        repo="",
        catalogue="",
        trust=no_trust(),
        layers=Layers((b'{"a": 2}',)),
        keep_release_values=False,
        write=False,
        policies=(),
        flags=UpgradeFlags(),
        settings=RunSettings(),
    )


def test_the_diff_alone_asks_four_questions(door: tuple[Context, Door], request_of: Request) -> None:
    """The release, the user's values, the planned render, the new chart with the old values."""
    gathered = gather(request_of, door[0], only=("diff",))
    assert sorted(verb for verb in door[1].verbs if verb != "version") == [
        "get",
        "template",
        "template",
        "upgrade",
    ]
    facts = gathered.facts
    unasked = (
        facts.baseline,
        facts.owner,
        facts.cluster,
        facts.gateway,
        facts.effective,
        facts.server.images,
    )
    assert set(map(str, unasked)) == {str(NOT_ASKED)}
    assert facts.history == ()


def test_a_plan_of_the_diff_alone_has_causes_and_no_verdicts(
    door: tuple[Context, Door], request_of: Request
) -> None:
    plan = build(gather(request_of, door[0], only=("diff",)), request_of)
    (field,) = plan.objects.objects[0].fields
    assert (field.path, field.old, field.new, field.cause) == ("data.a", 1, 2, "your values")
    assert plan.verdicts == ()
    assert plan.values_changes.overrides == ()
    assert plan.only == ("diff",)
    assert plan.objects.open_causes == ("tyk-oss 1.0.0 is in no catalogue: the chart is a local one",)


def test_helm_that_cannot_render_ends_it_in_helms_words(
    door: tuple[Context, Door], request_of: Request
) -> None:
    door[1].refuses = True
    with pytest.raises(HelmError, match=r"c/templates/a.yaml"):
        gather(request_of, door[0], only=("diff",))


def test_the_releases_own_values_need_the_release_first(
    door: tuple[Context, Door], request_of: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # no values.yaml here
    gathered = gather(replace(request_of, layers=Layers()), door[0], only=("diff",))
    assert gathered.facts.values.layers.documents == (b'{"a": 1}\n',)


@pytest.mark.parametrize(
    ("flag", "environment", "limit"),
    [
        (None, {}, None),
        (None, {"HELM_MAX_HISTORY": "4"}, 4),
        (2, {"HELM_MAX_HISTORY": "4"}, 2),
        (None, {"HELM_MAX_HISTORY": "many"}, None),
    ],
)
def test_how_many_revisions_helm_keeps(
    flag: int | None, environment: dict[str, str], limit: int | None
) -> None:
    assert with_history_limit(UpgradeFlags(history_max=flag), environment).history_max == limit
