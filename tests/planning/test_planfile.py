"""A saved plan: bound to what was reviewed, without a secret, refused when it is none."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.change import (
    ABSENT,
    Action,
    EditedFile,
    FieldChange,
    ManifestChanges,
    ObjectChange,
    ObjectId,
)
from helm_tyk_upgrade.model.chart import ChartArchive
from helm_tyk_upgrade.model.inputs import Layers, Request, RunSettings, Trust, UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.plan import Plan, ValuesFile, ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion
from helm_tyk_upgrade.model.server import Drift, ServerTruth
from helm_tyk_upgrade.planning.binding import bound, bound_again
from helm_tyk_upgrade.planning.comparing import carried_out, moved, not_compared
from helm_tyk_upgrade.planning.planfile import (
    _request,
    flags_of,
    read_plan,
    refuse_stale,
    set_names,
    settings_of,
    write_plan,
)
from tests.applying.build import RELEASE, START, edited, scene
from tests.applying.build import editing as any_editing
from tests.applying.build import plan as any_plan
from tests.values_verb.test_schemas import strict

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "planfile.v1.json"
CANARY = "c4n4ry-s3cret"
HERE = Known("5f0c-uid-of-kube-system")
OBJECT = ObjectId("apps/v1", "Deployment", "", "gateway")


def plan(**changed: Any) -> Plan:
    return any_plan(**{"cluster": HERE, **changed})


def editing(*pairs: tuple[ValuesFile, EditedFile]) -> Plan:
    return replace(any_editing(*pairs), cluster=HERE)


def request(**changed: Any) -> Request:
    given: dict[str, Any] = {
        "release": "",
        "version": "",
        "gateway_version": "5.13.x",
        "chart": "",
        "repo": "",
        "catalogue": "",
        "trust": Trust(),
        "layers": Layers(),
        "keep_release_values": False,
        "write": False,
        "policies": ("data-loss=warn",),
        "flags": UpgradeFlags(),
        "settings": RunSettings(),
    }
    return Request(**{**given, **changed})


def changing(new: object, *, random: bool = False) -> Plan:
    field = FieldChange("spec.image", ("spec", "image"), "old", new, random=random)
    return plan(objects=ManifestChanges((ObjectChange(OBJECT, Action.CHANGED, (field,)),), 0))


def with_values(data: bytes) -> Plan:
    file = ValuesFile("values.yaml", data, f"sha of {data!r}", 0o600)
    return plan(values=ValuesInput("values.yaml", (file,), Layers(("values.yaml",)), {}))


def with_merged(merged: dict[str, Any]) -> ValuesInput:
    return ValuesInput("values.yaml", (), Layers(), merged)


def written(tmp_path: Path, what: Plan, asked: Request) -> dict[str, Any]:
    path = tmp_path / "plan.json"
    write_plan(what, asked, str(path), scene(tmp_path).context)
    return read_plan(str(path))


def test_a_plan_is_read_back_with_what_it_is_bound_to(tmp_path: Path) -> None:
    saved = written(tmp_path, plan(), request())
    assert moved(saved["bound"], bound_again(plan(), saved["bound"])) == {}
    assert saved["request"]["version"] == "5.3.0"
    assert saved["request"]["gatewayVersion"] == "5.13.x"
    assert saved["request"]["policies"] == ["data-loss=warn"]


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (plan(release=replace(RELEASE, revision=4)), "the release moved from revision 3 to 4"),
        (plan(release=replace(RELEASE, namespace="other")), "the plan is for apis/tyk, this is other/tyk"),
        (
            plan(archive=ChartArchive("tyk-oss", "5.3.0", "/c", "cd" * 32)),
            "the archive of tyk-oss-5.3.0 is another one than was reviewed: its digest differs",
        ),
        (
            plan(archive=ChartArchive("tyk-oss", "5.3.1", "/c", "cd" * 32)),
            "the chart is tyk-oss-5.3.1, planned was tyk-oss-5.3.0",
        ),
        (plan(helm=HelmVersion("v3.19.0", 3, 19, 0)), "this is Helm 3, the plan was made with Helm 4"),
        (with_values(b"a: 2\n"), "values.yaml changed since the plan: comments or layout, no value"),
        (changing("new"), "object changes differ: Deployment gateway spec.image"),
        (plan(values=with_merged({"a": {"pass": "other"}})), "values changed since the plan: a.pass"),
        (
            plan(deployed="2026-11-24"),
            "revision 3 was deployed anew: 2026-11-24, at the plan when was not known",
        ),
    ],
)
def test_what_moved_is_told_in_words(tmp_path: Path, now: Plan, words: str) -> None:
    saved = written(tmp_path, plan(), request())
    assert list(moved(saved["bound"], bound_again(now, saved["bound"])).values()) == [words]


def test_a_changed_values_file_is_named_with_the_changed_keys(tmp_path: Path) -> None:
    def holding(data: bytes, merged: dict[str, Any]) -> Plan:
        return plan(values=replace(with_values(data).values, merged=merged))

    before = {"gateway": {"replicaCount": 1, "tag": "v5"}, "hosts": ["a"], "gone": {}}
    after = {"gateway": {"replicaCount": 2, "tag": "v5"}, "hosts": ["a", "b"]}
    saved = written(tmp_path, holding(b"a: 1\n", before), request())["bound"]
    assert moved(saved, bound_again(holding(b"a: 2\n", after), saved)) == {
        "valuesFiles": "values.yaml changed since the plan: gateway.replicaCount, gone, hosts"
    }


def test_a_long_list_of_what_moved_is_cut(tmp_path: Path) -> None:
    saved = written(tmp_path, plan(), request())["bound"]
    now = plan(values=with_merged({f"key{number}": 1 for number in range(9)}))
    assert moved(saved, bound_again(now, saved))["values"].endswith("key5 and 3 more")


def test_no_digest_explains_anything(tmp_path: Path) -> None:
    saved = written(tmp_path, changing("one"), request())["bound"]
    now = bound_again(
        replace(
            changing("two"), values=with_merged({"a": 1}), archive=ChartArchive("x", "1", "/c", "cd" * 32)
        ),
        saved,
    )
    assert not re.search("[0-9a-f]{12}", " ".join(moved(saved, now).values()))


def test_an_edit_that_would_come_out_differently_is_named(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"tag: v1\n")
    saved = written(tmp_path, editing(edited(path, b"tag: v2\n")), request())
    now = bound_again(editing(edited(path, b"tag: v3\n")), saved["bound"])
    (difference,) = moved(saved["bound"], now).values()
    assert difference == f"edits would come out differently: {path}"


def test_another_cluster_is_refused_though_all_else_is_the_same(tmp_path: Path) -> None:
    saved = written(tmp_path, plan(cluster=HERE), request())["bound"]
    assert moved(saved, bound_again(plan(cluster=HERE), saved)) == {}
    (twin,) = moved(saved, bound_again(plan(cluster=Known("a twin")), saved)).values()
    assert "another one" in twin
    (unseen,) = moved(saved, bound_again(plan(cluster=Unknown("403")), saved)).values()
    assert "cannot be told" in unseen


def test_a_plan_made_without_knowing_its_cluster_can_be_carried_out_by_who_knows_it(tmp_path: Path) -> None:
    saved = written(tmp_path, plan(cluster=Unknown("403")), request())["bound"]
    assert moved(saved, bound_again(plan(cluster=HERE), saved)) == {}


def test_whoever_has_the_file_alone_cannot_compare_values_with_it(tmp_path: Path) -> None:
    what = replace(changing("x"), values=with_merged({"pass": "x"}))
    saved = written(tmp_path, what, request())["bound"]
    guessed = bound(what, saved["salt"], Known(""))
    assert guessed["values"]["pass"] != saved["values"]["pass"]
    assert guessed["changes"] != saved["changes"]
    assert HERE.value not in (tmp_path / "plan.json").read_text()


def secretive(password: str) -> Plan:
    """A plan with a short password in every place that is sealed."""
    secret = ObjectId("v1", "Secret", "", "passwords")
    container = ObjectId("apps/v1", "Deployment", "", "gateway")
    drift = Drift(secret, "data.pass", "old", password)
    fields = (FieldChange("data.pass", ("data", "pass"), "old", password, name="pass"),)
    env = (FieldChange("spec.env[PASSWORD].value", ("spec",), "old", password, name="PASSWORD"),)
    file = ValuesFile("values.yaml", password.encode(), sha256(password.encode()), 0o600)
    return plan(
        cluster=Unknown("403"),
        values=ValuesInput("values.yaml", (file,), Layers(), {"redis": {"pass": password}, "replicas": 1}),
        objects=ManifestChanges(
            (
                ObjectChange(secret, Action.CHANGED, fields),
                ObjectChange(container, Action.CHANGED, env),
                ObjectChange(replace(secret, name="new"), Action.ADDED, (added(password),)),
            ),
            0,
        ),
        server=ServerTruth(drift=Known((drift,))),
    )


def added(password: str) -> FieldChange:
    return FieldChange("", (), ABSENT, {"kind": "Secret", "stringData": {"x": password}})


def test_without_a_key_no_seal_tells_a_short_password(tmp_path: Path) -> None:
    """Who guesses makes the same seals, and finds them equal for every guess."""
    saved = written(tmp_path, secretive("1234"), request())["bound"]
    assert saved == bound(secretive("9876"), saved["salt"], Known(""))
    (said,) = (text for text in saved["notBound"] if text.startswith("secret values"))
    assert "kube-system" in said
    assert set(saved["values"]) == {"redis.pass", "replicas"}
    values = replace(secretive("1234").values, merged={"redis": {"pass": "1234"}, "replicas": 2})
    now = bound_again(replace(secretive("1234"), values=values), saved)
    assert moved(saved, now) == {"values": "values changed since the plan: replicas"}


@pytest.mark.parametrize(
    ("passed", "reason"),
    [
        (timedelta(days=6, hours=23), ""),
        (timedelta(days=7, seconds=1), "held until 2026-11-30T20:04:35Z; now it is 2026-11-30T20:04:36Z"),
        (timedelta(minutes=-4), ""),
        (timedelta(minutes=-6), "one of the two clocks is wrong"),
    ],
)
def test_a_plan_holds_for_a_week(tmp_path: Path, passed: timedelta, reason: str) -> None:
    saved = written(tmp_path, plan(), request())
    if not reason:
        refuse_stale(saved, START + passed, "plan.json")
        return
    with pytest.raises(TykUpgradeError, match=reason) as caught:
        refuse_stale(saved, START + passed, "plan.json")
    assert "the plan again" in caught.value.hint or "--valid-for" in caught.value.hint


def test_how_long_a_plan_holds_can_be_chosen(tmp_path: Path) -> None:
    path, context = str(tmp_path / "plan.json"), scene(tmp_path).context
    saved = write_plan(plan(), request(), path, context, timedelta(hours=1))
    assert (saved["time"], saved["validUntil"]) == ("2026-11-23T20:04:35Z", "2026-11-23T21:04:35Z")
    with pytest.raises(TykUpgradeError, match="no plan holds for"):
        write_plan(plan(), request(), path, context, timedelta(days=999_999_999))


def test_the_file_is_as_its_schema_says(tmp_path: Path) -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    random = FieldChange("data.cert", ("data", "cert"), "old", "new", random=True)
    what = secretive("1234")
    more = ObjectChange(OBJECT, Action.CHANGED, (random,))
    what = replace(what, objects=replace(what.objects, objects=(*what.objects.objects, more)))
    settings = RunSettings(grace=(("quota-exceeded", 9.0),), max_lost=3)
    asked = request(flags=UpgradeFlags(history_max=3, passed=("--no-hooks",)), settings=settings)
    context = scene(tmp_path).context
    for one in (plan(), what, replace(what, cluster=HERE)):
        write_plan(one, asked, str(tmp_path / "plan.json"), context)
        found = json.loads((tmp_path / "plan.json").read_text())
        jsonschema.validate(found, strict(schema), jsonschema.Draft202012Validator)


def test_flags_and_settings_are_part_of_what_was_reviewed(tmp_path: Path) -> None:
    flags = UpgradeFlags(
        wait="true", force_conflicts=True, history_max=3, post_renderer_args=("a",), passed=("--no-hooks",)
    )
    settings = RunSettings(
        rollback=False, restore_apis=True, expect_version="5.13.1", grace=(("quota-exceeded", 9.0),)
    )
    saved = written(tmp_path, plan(), request(flags=flags, settings=settings))["request"]
    assert flags_of(saved) == flags
    assert settings_of(saved) == settings


def test_what_carrying_out_changes_is_told_from_what_somebody_else_changed(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"tag: v1\n")
    file, edit = edited(path, b"tag: v2\n")
    saved = written(tmp_path, editing((file, edit)), request())["bound"]
    later = replace(RELEASE, revision=4)

    def after(data: bytes) -> dict[str, Any]:
        now = ValuesFile(str(path), data, sha256(data), 0o600)
        values = ValuesInput("values.yaml", (now,), Layers(), {"tag": "v2"})
        return bound_again(plan(release=later, values=values, deployed="later"), saved)

    assert carried_out(saved, after(b"tag: v2\n"))
    assert not carried_out(saved, after(b"tag: v3\n"))


def test_a_reverted_values_file_is_no_plan_carried_out(tmp_path: Path) -> None:
    saved = written(tmp_path, with_values(b"a: 2\n"), request())["bound"]
    assert not carried_out(saved, bound_again(with_values(b"a: 1\n"), saved))
    assert carried_out(saved, bound_again(with_values(b"a: 2\n"), saved))


def test_a_secret_among_the_flags_for_helm_is_refused(tmp_path: Path) -> None:
    context = scene(tmp_path).context
    context.masker.learn([CANARY])
    asked = request(flags=UpgradeFlags(post_renderer="kustomize", post_renderer_args=(f"--token={CANARY}",)))
    with pytest.raises(TykUpgradeError, match="holds a secret") as caught:
        write_plan(plan(), asked, str(tmp_path / "plan.json"), context)
    assert CANARY not in caught.value.message


def test_fields_that_are_random_at_each_render_are_not_bound() -> None:
    def seals(what: Plan) -> dict[str, Any]:
        return bound(what, "salt", HERE)

    random = seals(changing("r4nd0m", random=True))
    assert random == seals(changing("0ther", random=True))
    assert random["notFixed"] == {"Deployment gateway": ["spec.image"]}
    assert not_compared(random, random)[0] == (
        "Not fixed by the plan, new at each render: Deployment gateway spec.image"
    )
    assert seals(changing("one")) != seals(changing("two"))
    assert seals(changing("one"))["notFixed"] == {}


@pytest.mark.parametrize(
    ("sets", "names"),
    [
        ((("--set", "global.redis.pass=c4n4ry"),), ["--set global.redis.pass"]),
        ((("--set", "a=1,b=c4n4ry"),), ["--set a"]),
        ((("--set-json", '{"pass": "c4n4ry"}'),), ["--set-json {...}"]),
        ((("--set-json", ' {"a=b": "c4n4ry"}'),), ["--set-json {...}"]),
        ((("--set-json", 'a={"pass": "c4n4ry"}'),), ["--set-json a"]),
        ((("--set-file", "cert=/etc/c4n4ry"),), ["--set-file cert"]),
    ],
)
def test_of_a_set_flag_only_the_name_is_kept(sets: tuple[tuple[str, str], ...], names: list[str]) -> None:
    assert set_names(sets) == names


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    file = ValuesFile("values.yaml", f"pass: {CANARY}\n".encode(), "digest", 0o600)
    field = FieldChange("data.pass", ("data", "pass"), "old", CANARY)
    what = plan(
        values=ValuesInput("values.yaml", (file,), Layers(), {"pass": CANARY}),
        objects=ManifestChanges((ObjectChange(OBJECT, Action.CHANGED, (field,)),), 0),
        manifest=f"pass: {CANARY}",
    )
    layers = Layers(
        ("values.yaml", f"pass: {CANARY}".encode()),
        (("--set", f"pass={CANARY}"), ("--set-json", json.dumps({"pass": CANARY}))),
    )
    written(tmp_path, what, request(layers=layers))
    assert CANARY not in (tmp_path / "plan.json").read_text()


@pytest.mark.parametrize(
    "asked",
    [
        request(repo=f"https://user:{CANARY}@charts.test/x"),
        request(catalogue=f"https://{CANARY}@hub.test"),
        request(chart=f"https://user:{CANARY}@charts.test/x.tgz"),
        request(layers=Layers((f"https://user:{CANARY}@files.test/values.yaml",))),
        request(layers=Layers((f"https://files.test/values.yaml?private_token={CANARY}",))),
        request(settings=RunSettings(probe_url=f"https://user:{CANARY}@probe.test/")),
    ],
)
def test_credentials_in_a_url_are_refused(tmp_path: Path, asked: Request) -> None:
    with pytest.raises(TykUpgradeError, match=r"\.test holds credentials") as caught:
        written(tmp_path, plan(), asked)
    assert CANARY not in f"{caught.value.message}{caught.value.hint}"
    assert not (tmp_path / "plan.json").exists()


ONE_WRONG: dict[str, Any] = {
    "apiVersion": "tyk-upgrade/v1",
    "kind": "SavedPlan",
    "time": "2026-11-23T20:04:35Z",
    "validUntil": "2026-11-24T20:04:35Z",
    "request": _request(plan(), request()),
    "bound": bound(plan(), "salt", HERE),
}


def test_what_is_whole_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(ONE_WRONG))
    assert read_plan(str(path))["kind"] == "SavedPlan"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ONE_WRONG | {"bound": {**ONE_WRONG["bound"], "live": {"x": "y"}}}),
        json.dumps(ONE_WRONG | {"bound": {**ONE_WRONG["bound"], "values": []}}),
        json.dumps(ONE_WRONG | {"validUntil": "tomorrow"}),
        "",
        "[]",
        "{}",
        '{"kind": "Run", "apiVersion": "tyk-upgrade/v1"}',
        '{"kind": "SavedPlan", "apiVersion": "tyk-upgrade/v9"}',
        '{"kind": "SavedPlan", "apiVersion": "tyk-upgrade/v1", "request": {}, "bound": {}}',
        '{"kind": "SavedPlan", "apiVersion": "tyk-upgrade/v1", "request": [], "bound": 1}',
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(TykUpgradeError, match=r"plan\.json is no plan") as caught:
        read_plan(str(path))
    assert "plan --out" in caught.value.hint
