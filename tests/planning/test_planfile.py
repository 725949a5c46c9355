"""A saved plan: bound to what was reviewed, without a secret, refused when it is none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.change import Action, FieldChange, ManifestChanges, ObjectChange, ObjectId
from helm_tyk_upgrade.model.chart import ChartArchive
from helm_tyk_upgrade.model.inputs import Layers, Request, RunSettings, Trust, UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.plan import Plan, ValuesFile, ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion
from helm_tyk_upgrade.planning.planfile import (
    bound,
    bound_again,
    carried_out,
    flags_of,
    moved,
    read_plan,
    set_names,
    settings_of,
    write_plan,
)
from tests.applying.build import RELEASE, edited, editing, plan, scene

CANARY = "c4n4ry-s3cret"
HERE = Known("5f0c-uid-of-kube-system")
OBJECT = ObjectId("apps/v1", "Deployment", "", "gateway")


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
    ("now", "name"),
    [
        (plan(release=replace(RELEASE, revision=4)), "revision"),
        (plan(release=replace(RELEASE, namespace="other")), "release"),
        (plan(archive=ChartArchive("tyk-oss", "5.3.0", "/c", "cd" * 32)), "chartDigest"),
        (plan(archive=ChartArchive("tyk-oss", "5.3.1", "/c", "ab" * 32)), "chart"),
        (plan(helm=HelmVersion("v3.19.0", 3, 19, 0)), "helmMajor"),
        (with_values(b"a: 2\n"), "valuesFiles"),
        (changing("new"), "changes"),
        (plan(values=ValuesInput("values.yaml", (), Layers(), {"pass": "other"})), "values"),
        (plan(deployed="2026-11-24"), "deployed"),
    ],
)
def test_what_moved_is_named(tmp_path: Path, now: Plan, name: str) -> None:
    saved = written(tmp_path, plan(), request())
    (difference,) = moved(saved["bound"], bound_again(now, saved["bound"])).values()
    assert difference.startswith(f"{name}: was ")


def test_an_edit_that_would_come_out_differently_is_named(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(b"tag: v1\n")
    saved = written(tmp_path, editing(edited(path, b"tag: v2\n")), request())
    now = bound_again(editing(edited(path, b"tag: v3\n")), saved["bound"])
    (difference,) = moved(saved["bound"], now).values()
    assert difference.startswith("editedFiles: was ")


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
    saved = written(tmp_path, plan(cluster=HERE), request())["bound"]
    guessed = bound(plan(), saved["salt"], Known(""))
    assert guessed["values"] != saved["values"]
    assert guessed["changes"] != saved["changes"]
    assert HERE.value not in (tmp_path / "plan.json").read_text()


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

    assert seals(changing("r4nd0m", random=True)) == seals(changing("0ther", random=True))
    assert seals(changing("one")) != seals(changing("two"))


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


@pytest.mark.parametrize(
    "text",
    [
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
