"""What the API server says beforehand is what Helm then meets: every answer here is compared with a real upgrade."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.inputs import UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.server import Drift, DryRunAnswer
from helm_tyk_upgrade.targets.drift import drift
from helm_tyk_upgrade.targets.server_truth import Asked, answers, is_server_side, server_answers
from tests.live.conftest import NewSite
from tests.live.harness import FULL, Site, wait_for
from tests.live.test_refusals import READER

_CHART = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: {{ .Values.replicas | default 0 }}
  {{- with .Values.strategy }}
  strategy: {type: {{ . }}}
  {{- end }}
  selector: {matchLabels: {app: {{ .Values.app | default "web" }}}}
  template:
    metadata: {labels: {app: {{ .Values.app | default "web" }}, tier: edge}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: tyk-upgrade.test/none:1
          imagePullPolicy: Never
          args: [--first]
          resources: {limits: {cpu: 1000m, memory: 1024Mi}}
          env:
            - {name: A, value: "1"}
            {{- with .Values.repeated }}
            - {name: A, value: {{ . | quote }}}
            {{- end }}
            - {name: PASSWORD, value: canary-in-an-env}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "1", b: {{ .Values.b | default "1" | quote }}, number: {{ .Values.number | default (quote 1) }}}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials}
stringData: {password: canary-in-a-secret}
---
apiVersion: v1
kind: Secret
metadata: {name: hooked, annotations: {helm.sh/hook: pre-upgrade}}
{{- range .Values.more }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ . }}}
data: {}
{{- end }}
{{- if .Values.thing }}
---
apiVersion: nobody.example/v1
kind: Thing
metadata: {name: thing}
{{- end }}
"""
_POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: NAME}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAME}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
  validations:
    - {expression: "!has(object.data) || !('b' in object.data) || object.data['b'] != 'denied'", message: b is bad}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: NAME}
spec: {policyName: NAME, validationActions: [Deny]}
"""


class Rehearsal:
    """A release of the chart above, and what is asked about it."""

    def __init__(self, site: Site, **env: str) -> None:
        self.site = site
        settings = {**site.world.env, **site.settings, **env}
        self.context = Context(settings, Streams(sys.stdin, sys.stdout, sys.stderr))
        self.chart = site.folder / "chart"
        (self.chart / "templates").mkdir(parents=True, exist_ok=True)
        (self.chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
        (self.chart / "templates" / "all.yaml").write_text(_CHART)

    @property
    def major(self) -> int:
        return self.context.helm.version().major

    def helm(self, verb: str, *sets: str) -> str:
        """What Helm says against it; empty when it did it."""
        words = [verb, "web", str(self.chart), "-n", self.site.namespace]
        words += [word for pair in sets for word in ("--set", pair)]
        env = {**self.site.world.env, **self.site.settings}
        done = subprocess.run(
            [self.site.world.env["HELM_BIN"], *words],
            env=env, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        return done.stderr if done.returncode else ""

    def back(self) -> Known[tuple[Asked, ...]]:
        stored = self.context.helm.stored("web", self.site.namespace)
        release = self.context.helm.release("web", self.site.namespace)
        found = server_answers(self.context, split(stored.manifest) + split(stored.hooks), release)
        assert isinstance(found, Known), found
        return found

    def forward(self, *sets: str) -> dict[str, DryRunAnswer]:
        """By kind and name, of the manifest that these values render."""
        release = self.context.helm.release("web", self.site.namespace)
        words = [word for pair in sets for word in ("--set", pair)]
        rendered = self.site.world.helm("template", "web", str(self.chart), "-n", self.site.namespace, *words)
        found = answers(server_answers(self.context, split(rendered), release, before=self.back()))
        assert isinstance(found, Known), found
        return {str(one.id): one for one in found.value}

    def drift(self) -> tuple[Drift, ...]:
        release = self.context.helm.release("web", self.site.namespace)
        server_side = is_server_side(release, UpgradeFlags())
        found = drift(self.context, self.back(), compare("", ""), server_side=server_side)
        assert isinstance(found, Known), found
        return found.value

    def kube(self, *args: str, stdin: str = "") -> str:
        return self.site.world.kube("-n", self.site.namespace, *args, stdin=stdin)

    def versions(self) -> str:
        """Changes with everything that is stored in the namespace, but not with what the pods do."""
        return self.kube("get", "deploy,cm,secret", "-o", "jsonpath={.items[*].metadata.resourceVersion}")


@pytest.fixture
def installed(new_site: NewSite) -> Rehearsal:
    rehearsal = Rehearsal(new_site("truth"))
    assert rehearsal.helm("install") == ""
    return rehearsal


def test_a_good_upgrade_is_accepted_whole_and_nothing_is_stored(installed: Rehearsal) -> None:
    before = installed.versions()
    found = installed.forward("b=2", "more[0]=new")
    assert {one.accepted for one in found.values()} == {Known(True)}, found
    assert {
        "Deployment web",
        "ConfigMap settings",
        "ConfigMap new",
        "Secret credentials",
        "Secret hooked",
    } == {*found}
    assert found["Secret hooked"].hook == "pre-upgrade"
    assert installed.drift() == ()
    assert installed.versions() == before
    assert installed.helm("upgrade", "b=2", "more[0]=new") == ""


@pytest.fixture
def policy(installed: Rehearsal) -> Iterator[Callable[[], bool]]:
    text = _POLICY.replace("NAME", installed.site.namespace)
    installed.kube("apply", "-f", "-", stdin=text)
    metadata = {"name": "x", "namespace": installed.site.namespace}
    denied = json.dumps(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"b": "denied"}}
    )

    def at_work() -> bool:
        try:
            installed.kube("create", "--dry-run=server", "-f", "-", stdin=denied)
        except AssertionError as error:
            return "b is bad" in str(error)
        return False

    yield at_work
    installed.kube("delete", "-f", "-", stdin=text)


def test_all_rejections_at_once_and_each_is_helms(installed: Rehearsal, policy: Callable[[], bool]) -> None:
    wait_for(policy, "the policy is in force")
    installed.kube("create", "quota", "full", "--hard=count/configmaps=1")
    wait_for(
        lambda: "used" in json.loads(installed.kube("get", "quota", "full", "-o", "json"))["status"],
        "the quota",
    )
    wrong = ("app=other", "b=denied", "more[0]=new", "thing=true")
    found = installed.forward(*wrong)
    no = {
        name: " ".join((one.reason, *one.causes))
        for name, one in found.items()
        if one.accepted == Known(False)
    }
    assert {*no} == {"Deployment web", "ConfigMap settings", "ConfigMap new", "Thing thing"}
    assert found["Deployment web"].immutable
    (denial,) = found["ConfigMap settings"].causes
    assert denial.startswith("ValidatingAdmissionPolicy")
    assert "b is bad" in denial
    assert "exceeded quota" in no["ConfigMap new"]
    assert "no kind Thing" in no["Thing thing"]
    words = ("field is immutable", "b is bad", "exceeded quota", "no matches for kind")
    for pair, said in zip(wrong, words, strict=True):
        assert said in installed.helm("upgrade", pair), "Helm meets the same"


def test_a_value_of_the_wrong_type(installed: Rehearsal) -> None:
    said = installed.forward("number=5")["ConfigMap settings"]
    assert said.accepted == Known(False)
    assert "data" in said.reason
    assert installed.helm("upgrade", "number=5") != ""


def test_server_side_apply_refuses_what_client_side_apply_takes(installed: Rehearsal) -> None:
    """Repeated variables, and a strategy whose defaulted alternative is live: the answer is that of the release's own
    apply method."""
    server_side = installed.major == 4
    for sets in (("repeated=2",), ("strategy=Recreate",)):
        accepted = installed.forward(*sets)["Deployment web"].accepted
        assert accepted == Known(not server_side), sets
        assert bool(installed.helm("upgrade", *sets)) is server_side, sets


def _meddle(installed: Rehearsal) -> None:
    installed.kube("set", "env", "deployment/web", "A=9", "EXTRA=3")
    installed.kube("scale", "deployment/web", "--replicas=1")
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "5"}}
    apply = ("apply", "--server-side", "--force-conflicts", "--field-manager=team", "-f", "-")
    installed.kube(*apply, stdin=json.dumps(theirs))
    args = [{"op": "replace", "path": "/spec/template/spec/containers/0/args", "value": ["--second"]}]
    installed.kube("patch", "deployment", "web", "--type=json", "-p", json.dumps(args))
    installed.kube("delete", "secret", "credentials")


def test_drift_and_conflicts_are_what_helm_then_meets(installed: Rehearsal) -> None:
    _meddle(installed)
    web = "spec.template.spec.containers[web]"
    found = {(str(one.id), one.path): one for one in installed.drift()}
    assert {key: one.manager for key, one in found.items()} == {
        ("Deployment web", "spec.replicas"): "kubectl",
        ("Deployment web", f"{web}.args[0]"): "kubectl-patch",
        ("Deployment web", f"{web}.env[A].value"): "kubectl-set",
        ("ConfigMap settings", "data.a"): "team",
        ("Secret credentials", ""): "",
    }
    # The API server does not record when a subresource changed a field.
    assert {key for key, one in found.items() if one.time} == {
        ("Deployment web", f"{web}.args[0]"),
        ("Deployment web", f"{web}.env[A].value"),
        ("ConfigMap settings", "data.a"),
    }
    conflicts = {
        (name, field.path, field.manager)
        for name, one in installed.forward("b=2").items()
        for field in one.conflicts
    }
    trouble = installed.helm("upgrade", "b=2")
    if installed.major == 4:
        assert conflicts == {
            ("Deployment web", "spec.replicas", "kubectl"),
            ("Deployment web", f"{web}.args", "kubectl-patch"),
            ("Deployment web", f"{web}.env[A].value", "kubectl-set"),
            ("ConfigMap settings", "data.a", "team"),
        }
        assert all(f'"{manager}"' in trouble for _, _, manager in conflicts), trouble
    else:
        assert conflicts == set()
        assert trouble == ""
        assert installed.drift() == (), "Helm 3 set every field back"
        live = json.loads(installed.kube("get", "deployment", "web", "-o", "json"))
        names = [one["name"] for one in live["spec"]["template"]["spec"]["containers"][0]["env"]]
        assert "EXTRA" in names, "what the chart never set stayed"


@FULL
def test_an_autoscaler_at_work_is_no_drift(installed: Rehearsal) -> None:
    assert installed.helm("upgrade", "replicas=1") == ""
    installed.kube("autoscale", "deployment/web", "--min=2", "--max=3", "--cpu-percent=50")

    def scaled() -> bool:
        return bool(
            json.loads(installed.kube("get", "deployment", "web", "-o", "json"))["spec"]["replicas"] == 2
        )

    wait_for(scaled, "the autoscaler acts", seconds=60)
    assert installed.drift() == ()


def test_an_object_of_somebody_else_is_not_taken_over(installed: Rehearsal) -> None:
    installed.kube("create", "configmap", "theirs")
    said = installed.forward("more[0]=theirs")["ConfigMap theirs"]
    assert said.accepted == Known(False)
    assert "invalid ownership metadata" in installed.helm("upgrade", "more[0]=theirs")


def test_a_reader_sees_the_drift_and_no_answer(installed: Rehearsal, tmp_path: Path) -> None:
    installed.kube("apply", "-f", "-", stdin=READER)
    token = installed.kube("create", "token", "reader").strip()
    config = json.loads(installed.kube("config", "view", "--raw", "--minify", "-o", "json"))
    config["users"][0]["user"] = {"token": token}
    (tmp_path / "kubeconfig").write_text(json.dumps(config))
    installed.kube("set", "env", "deployment/web", "A=9")
    reader = Rehearsal(installed.site, KUBECONFIG=str(tmp_path / "kubeconfig"))
    found = reader.back().value
    assert len(found) == 3
    assert all(isinstance(one.answer.accepted, Unknown) for one in found)
    assert "cannot patch" in str(found[0].answer.accepted)
    assert [(one.path, one.manager) for one in reader.drift()] == [
        ("spec.template.spec.containers[web].env[A].value", "kubectl-set")
    ]


def test_no_answer_holds_a_secret(installed: Rehearsal) -> None:
    _meddle(installed)
    found = (*installed.forward("app=other", "number=5", "strategy=Recreate").values(), *installed.drift())
    assert "canary" not in repr(found)
