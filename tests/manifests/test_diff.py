"""Objects compared: against the recorded renders of the published charts, and case by case."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm_tyk_upgrade.manifests.diff import compare, label_random, random_fields, without_cosmetics
from helm_tyk_upgrade.manifests.fields import apply_fields, same
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.change import ABSENT, Action, ManifestChanges, ObjectChange
from helm_tyk_upgrade.model.known import Known, Unknown

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "manifests"
VERSIONS = ("1.0.0", "1.3.0", "1.6.0", "2.0.0", "2.2.0", "3.0.0", "4.0.0", "4.1.1", "5.0.0", "5.1.1", "5.3.0")
STEPS = [(VERSIONS[at], VERSIONS[at + 1]) for at in range(len(VERSIONS) - 1)]
recorded = pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded manifests are not here")


def render(version: str, values: str = "default") -> str:
    return (CORPUS / f"tyk-oss-{version}-{values}.yaml").read_text()


def lines(changes: ManifestChanges) -> list[str]:
    """Every change that is not cosmetic, as `kind path old -> new`."""
    return [
        f"{change.id.kind} {field.path} {field.old} -> {field.new}"
        for change in changes.objects
        for field in change.fields
        if not field.cosmetic
    ]


@recorded
def test_4_0_0_to_5_3_0_is_labels_and_one_variable_as_recorded() -> None:
    changes = compare(render("4.0.0"), render("5.3.0"), namespace="tyk")
    assert lines(changes) == [
        "Deployment spec.template.spec.containers[gateway-tyk-gateway].env"
        "[TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH] "
        "absent -> {'name': 'TYK_GW_HTTPSERVEROPTIONS_XFFDEPTH', 'value': '1'}"
    ]
    labels = {field.path for change in changes.objects for field in change.fields if field.cosmetic}
    assert labels == {"metadata.labels.chart"}
    assert [(str(change.id), change.hook) for change in changes.objects] == [
        ("Service gateway-svc-prod-tyk-gateway", ""),
        ("Deployment gateway-prod-tyk-gateway", ""),
        ("Pod prod-tyk-oss-test-tyk-oss", "test"),
    ]
    assert [change.id.kind for change in changes.restarting] == ["Deployment"]
    (impact,) = changes.impact
    assert (impact.before, impact.after, impact.surge) == (Known(1), Known(1), Known(2))


@recorded
def test_the_image_line_that_decides_is_found_from_2_2_0() -> None:
    changes = compare(render("2.2.0"), render("5.3.0"), namespace="tyk")
    images = [line for line in lines(changes) if line.startswith("Deployment") and ".image " in line]
    assert images == [
        "Deployment spec.template.spec.containers[gateway-tyk-gateway].image "
        "docker.tyk.io/tyk-gateway/tyk-gateway:v5.3.8 -> docker.tyk.io/tyk-gateway/tyk-gateway:v5.9.1"
    ]


@recorded
@pytest.mark.parametrize("values", ["default", "full", "tls"])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_render_has_no_changes(version: str, values: str) -> None:
    changes = compare(render(version, values), render(version, values), namespace="tyk")
    assert changes == ManifestChanges((), len(split(render(version, values))))


@recorded
@pytest.mark.parametrize("values", ["default", "full", "tls"])
@pytest.mark.parametrize("pair", [*STEPS, ("1.0.0", "5.3.0")])
def test_the_changes_make_the_new_objects_out_of_the_old_ones(pair: tuple[str, str], values: str) -> None:
    check_rebuilt(render(pair[0], values), render(pair[1], values))


@recorded
@pytest.mark.parametrize("version", ["1.0.0", "5.3.0"])
@pytest.mark.parametrize("pair", [("default", "full"), ("full", "tls"), ("tls", "default")])
def test_other_values_make_the_new_objects_out_of_the_old_ones(pair: tuple[str, str], version: str) -> None:
    check_rebuilt(render(version, pair[0]), render(version, pair[1]))


def check_rebuilt(old: str, new: str) -> None:
    changed = {change.id: change for change in compare(old, new).objects}
    before = {item.id: item.data for item in split(old)}
    after = {item.id: item.data for item in split(new)}
    assert len(after) == len(split(new))
    for identity, data in after.items():
        change = changed.get(identity)
        base = before.get(identity, ABSENT)
        rebuilt = base if change is None else apply_fields(base, change.fields)
        assert same(rebuilt, data), identity
    gone = {change.id for change in changed.values() if change.action is Action.REMOVED}
    assert gone == before.keys() - after.keys()


def one(text: str) -> str:
    return text.strip() + "\n"


DEPLOYMENT = one("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: gw}
spec:
  replicas: 2
  selector: {matchLabels: {app: gw}}
  template:
    spec:
      containers: [{name: gw, image: "gw:1"}]
""")


def the_change(old: str, new: str) -> ObjectChange:
    (change,) = compare(old, new, namespace="tyk").objects
    return change


@pytest.mark.parametrize(
    ("old", "new", "restarts"),
    [
        ("gw:1", "gw:2", True),
        ("replicas: 2", "replicas: 3", False),
        ("metadata: {name: gw}", "metadata: {name: gw, labels: {chart: b}}", False),
        ("spec:\n      containers", "metadata: {labels: {chart: b}}\n    spec:\n      containers", True),
    ],
)
def test_only_a_changed_pod_template_restarts(old: str, new: str, restarts: bool) -> None:
    assert the_change(DEPLOYMENT, DEPLOYMENT.replace(old, new)).restarts is restarts


def test_a_workload_under_another_kind_restarts() -> None:
    changes = compare(DEPLOYMENT, DEPLOYMENT.replace("kind: Deployment", "kind: StatefulSet"))
    assert [(change.id.kind, change.action.value, change.restarts) for change in changes.objects] == [
        ("StatefulSet", "added", True),
        ("Deployment", "removed", False),
    ]
    assert [found.rule for found in changes.dangers] == ["workload-kind"]


def test_the_releases_namespace_may_be_written_or_not() -> None:
    written = DEPLOYMENT.replace("metadata: {name: gw}", "metadata: {name: gw, namespace: tyk}")
    assert compare(DEPLOYMENT, written, namespace="tyk").objects == ()
    assert len(compare(DEPLOYMENT, written, namespace="other").objects) == 2


def test_an_object_served_under_another_group_is_the_same_object() -> None:
    old = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n"
    new = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n"
    assert [field.path for field in the_change(old, new).fields] == ["apiVersion"]


def test_the_same_name_in_another_custom_group_is_another_object() -> None:
    old = "apiVersion: a.example/v1\nkind: Widget\nmetadata: {name: a}\n"
    new = "apiVersion: b.example/v1\nkind: Widget\nmetadata: {name: a}\n"
    assert {change.action for change in compare(old, new).objects} == {Action.ADDED, Action.REMOVED}


def test_a_release_object_that_becomes_a_hook_is_removed_and_added() -> None:
    old = "kind: Job\napiVersion: batch/v1\nmetadata: {name: a}\n"
    new = "kind: Job\napiVersion: batch/v1\nmetadata: {name: a, annotations: {helm.sh/hook: pre-upgrade}}\n"
    assert [(c.action.value, c.hook) for c in compare(old, new).objects] == [
        ("added", "pre-upgrade"),
        ("removed", ""),
    ]


def test_hooks_given_apart_are_compared_with_hooks_inside() -> None:
    hook = one("""
kind: Pod
apiVersion: v1
metadata: {name: t, annotations: {"helm.sh/hook": test}}
""")
    assert compare(DEPLOYMENT, DEPLOYMENT + "---\n" + hook, old_hooks=hook).objects == ()


def test_lists_are_unfolded_and_sources_kept() -> None:
    text = one("""
---
# Source: c/templates/list.yaml
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: x}}
""")
    assert [(str(item.id), item.template) for item in split(text)] == [
        ("ConfigMap a", "c/templates/list.yaml"),
        ("ConfigMap x/b", "c/templates/list.yaml"),
    ]


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {token: %s, fixed: x}\n"


def test_values_random_at_each_render_are_labelled() -> None:
    random = random_fields(SECRET % "aaa", SECRET % "bbb")
    assert {steps for _, steps in random} == {("stringData", "token")}
    changes = label_random(compare(SECRET.replace("fixed: x", "fixed: y") % "old", SECRET % "ccc"), random)
    assert [(f.path, f.random) for f in changes.objects[0].fields] == [
        ("stringData.token", True),
        ("stringData.fixed", False),
    ]


def test_an_added_object_with_a_random_field_is_random_in_part() -> None:
    random = random_fields(SECRET % "aaa", SECRET % "bbb")
    changes = label_random(compare("", SECRET % "ccc"), random)
    assert [field.random for field in changes.objects[0].fields] == [True]


@recorded
def test_without_cosmetics_only_what_runs_differently_is_left() -> None:
    changes = compare(render("4.0.0"), render("5.3.0"), namespace="tyk")
    rest = without_cosmetics(changes)
    assert [change.id.kind for change in rest.objects] == ["Deployment"]
    assert rest.unchanged == changes.unchanged + 2


def test_pods_under_an_autoscaler_are_not_counted() -> None:
    scaler = one("""
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: gw}
spec: {scaleTargetRef: {kind: Deployment, name: gw}}
""")
    (impact,) = compare(DEPLOYMENT + scaler, DEPLOYMENT.replace("gw:1", "gw:2") + scaler).impact
    assert isinstance(impact.after, Unknown)
    assert isinstance(impact.surge, Unknown)


def test_an_object_of_either_render_alone_is_random_as_a_whole() -> None:
    random = random_fields(*(SECRET.replace("name: s", f"name: {name}") % "x" for name in "ab"))
    assert {(identity.name, steps) for identity, steps in random} == {("a", ()), ("b", ())}
