"""Dangerous changes: which are found, and a table of those that must be left alone."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.manifests.diff import compare


def made(kind: str, body: str, api: str = "v1") -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x}}\n{body}\n"


DEPLOYMENT = "spec: {selector: {matchLabels: {app: %s}}, replicas: %s}"
CLAIM = "spec: {storageClassName: %s, resources: {requests: {storage: %s}}}"
SET = "spec: {serviceName: %s, minReadySeconds: %s, template: {spec: {containers: []}}}"
CLAIMS = "spec: {volumeClaimTemplates: [{metadata: {name: d}, spec: {resources: {requests: {storage: %s}}}}]}"
VOLUME = "spec: {template: {spec: {volumes: [{name: data, %s}]}}}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            made("Deployment", DEPLOYMENT % ("a", 1), "apps/v1"),
            made("Deployment", DEPLOYMENT % ("b", 1), "apps/v1"),
            [("immutable-field", "rejected", "spec.selector.matchLabels.app")],
            id="selector",
        ),
        pytest.param(
            made("StatefulSet", SET % ("a", 1), "apps/v1"),
            made("StatefulSet", SET % ("b", 5), "apps/v1"),
            [("immutable-field", "rejected", "spec.serviceName")],
            id="stateful set: the service name, not minReadySeconds",
        ),
        pytest.param(
            made("Service", "spec: {ports: []}"),
            made("Service", "spec: {ports: [], clusterIP: None}"),
            [("immutable-field", "rejected", "spec.clusterIP")],
            id="a service becomes headless",
        ),
        pytest.param(
            made("RoleBinding", "roleRef: {name: a}", "rbac.authorization.k8s.io/v1"),
            made("RoleBinding", "roleRef: {name: b}", "rbac.authorization.k8s.io/v1"),
            [("immutable-field", "rejected", "roleRef.name")],
            id="role binding",
        ),
        pytest.param(
            made("Job", "spec: {template: {spec: {a: 1}}}", "batch/v1"),
            made("Job", "spec: {template: {spec: {a: 2}}}", "batch/v1"),
            [("immutable-field", "rejected", "spec.template.spec.a")],
            id="job template",
        ),
        pytest.param(
            made("PersistentVolumeClaim", CLAIM % ("a", "2Gi")),
            made("PersistentVolumeClaim", CLAIM % ("a", "1500Mi")),
            [("claim-shrinks", "rejected", "spec.resources.requests.storage")],
            id="a claim shrinks, in other units",
        ),
        pytest.param(
            made("StatefulSet", CLAIMS % "2Gi", "apps/v1"),
            made("StatefulSet", CLAIMS % "1Gi", "apps/v1"),
            [("claim-shrinks", "rejected", "spec.volumeClaimTemplates[d].spec.resources.requests.storage")],
            id="the claims of a stateful set shrink",
        ),
        pytest.param(
            made("StatefulSet", CLAIMS % "1Gi", "apps/v1"),
            made("StatefulSet", CLAIMS % "2Gi", "apps/v1"),
            [("immutable-field", "rejected", "spec.volumeClaimTemplates[d].spec.resources.requests.storage")],
            id="the claims of a stateful set may not grow either",
        ),
        pytest.param(
            made("PersistentVolumeClaim", CLAIM % ("a", "1Gi")),
            made("PersistentVolumeClaim", CLAIM % ("b", "1Gi")),
            [("immutable-field", "rejected", "spec.storageClassName")],
            id="storage class of a claim",
        ),
        pytest.param(
            made("StorageClass", "provisioner: a", "storage.k8s.io/v1"),
            made("StorageClass", "provisioner: b", "storage.k8s.io/v1"),
            [("immutable-field", "rejected", "provisioner")],
            id="storage class",
        ),
        pytest.param(
            made("ConfigMap", "immutable: true\ndata: {a: '1'}"),
            made("ConfigMap", "immutable: true\ndata: {a: '2'}"),
            [("immutable-field", "rejected", "data.a")],
            id="a sealed ConfigMap",
        ),
        pytest.param(
            made("PersistentVolumeClaim", CLAIM % ("a", "1Gi")),
            "",
            [("removed-object", "data loss", "")],
            id="claim",
        ),
        pytest.param(
            made("CustomResourceDefinition", "spec: {}", "apiextensions.k8s.io/v1"),
            "",
            [("removed-object", "data loss", "")],
            id="CRD",
        ),
        pytest.param(made("Namespace", ""), "", [("removed-object", "data loss", "")], id="namespace"),
        pytest.param(
            made("Deployment", DEPLOYMENT % ("a", 1), "apps/v1"),
            made("Deployment", DEPLOYMENT % ("a", 0), "apps/v1"),
            [("replicas-to-zero", "service stops", "spec.replicas")],
            id="no replica left",
        ),
        pytest.param(
            made("Deployment", VOLUME % "persistentVolumeClaim: {claimName: c}", "apps/v1"),
            made("Deployment", VOLUME % "emptyDir: {}", "apps/v1"),
            [("claim-unmounted", "data loss", "spec.template.spec.volumes[data].persistentVolumeClaim")],
            id="a claim gives way to an emptyDir",
        ),
        pytest.param(
            made("Deployment", VOLUME % "persistentVolumeClaim: {claimName: data-a}", "apps/v1"),
            made("Deployment", VOLUME % "persistentVolumeClaim: {claimName: data-b}", "apps/v1"),
            [("claim-unmounted", "data loss", "spec.template.spec.volumes[data].persistentVolumeClaim")],
            id="a claim gives way to another claim",
        ),
        pytest.param(
            made("Deployment", VOLUME % "persistentVolumeClaim: {claimName: c}", "apps/v1"),
            made("Deployment", (VOLUME % "emptyDir: {}").replace("data", "other"), "apps/v1"),
            [("claim-unmounted", "data loss", "spec.template.spec.volumes[data].persistentVolumeClaim")],
            id="a volume of a claim gives way to another volume",
        ),
    ],
)
def test_found(old: str, new: str, expected: list[tuple[str, str, str]]) -> None:
    found = compare(old, new).dangers
    assert [(each.rule, each.effect, each.path) for each in found] == expected
    assert all(each.hint and each.reason for each in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            made("PersistentVolumeClaim", CLAIM % ("a", "1Gi")),
            made("PersistentVolumeClaim", CLAIM % ("a", "2Gi")),
            id="a claim grows",
        ),
        pytest.param(
            made("PersistentVolumeClaim", CLAIM % ("a", "1Gi")),
            made("PersistentVolumeClaim", CLAIM % ("a", "1024Mi")),
            id="the same size in other units",
        ),
        pytest.param(
            made("PersistentVolumeClaim", CLAIM % ("a", "1Gi")).replace(
                "{name: x}", "{name: x, annotations: {helm.sh/resource-policy: keep}}"
            ),
            "",
            id="Helm keeps the claim",
        ),
        pytest.param(
            made("Service", "spec: {clusterIP: 10.0.0.1}"),
            made("Service", "spec: {}"),
            id="an address left out",
        ),
        pytest.param(
            made("StatefulSet", SET % ("a", 1), "apps/v1"),
            made("StatefulSet", SET % ("a", 1), "apps/v1").replace("[]", "[{name: c, image: i}]"),
            id="pods of a stateful set",
        ),
        pytest.param(
            made("Deployment", VOLUME % "persistentVolumeClaim: {claimName: c}", "apps/v1"),
            made(
                "Deployment",
                (VOLUME % "persistentVolumeClaim: {claimName: c}").replace("data", "d"),
                "apps/v1",
            ),
            id="the same claim under another volume name",
        ),
        pytest.param(
            made("ConfigMap", "data: {a: '1'}"), made("ConfigMap", "data: {a: '2'}"), id="a ConfigMap"
        ),
        pytest.param(made("ConfigMap", "data: {a: '1'}"), "", id="a removed ConfigMap"),
        pytest.param(
            made("Job", "spec: {template: {a: 1}}").replace(
                "{name: x}", "{name: x, annotations: {helm.sh/hook: test}}"
            ),
            made("Job", "spec: {template: {a: 2}}").replace(
                "{name: x}", "{name: x, annotations: {helm.sh/hook: test}}"
            ),
            id="a hook: Helm deletes it first",
        ),
    ],
)
def test_left_alone(old: str, new: str) -> None:
    assert compare(old, new).dangers == ()
