"""A plan and outcomes with everything in them, for the views; and the secrets that must never be seen."""

from __future__ import annotations

import base64
from dataclasses import replace

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.manifests.cause import attribute
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.change import (
    ABSENT,
    EditedFile,
    FileEdit,
    Judgement,
    NewDefault,
    Override,
    ValuesChanges,
)
from helm_tyk_upgrade.model.chart import ChartArchive, Chosen
from helm_tyk_upgrade.model.inputs import Layers, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import Ending, Entry, Outcome, PodProof, StepResult, StepStatus
from helm_tyk_upgrade.model.plan import GatewayTarget, Plan, ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion, Release
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Policy, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.values.compare import changes

CANARIES = tuple(f"canary-{number}-{word}" for number, word in enumerate("abcdefghijklmnop"))


def masker() -> Masker:
    """With a fixed key, so that fingerprints are the same in every run of the tests."""
    return Masker(b"a key for the tests only")


OLD_VALUES = b"""\
# values of the team
global:
  redis:
    addrs: [redis:6379]
    pass: canary-0-a # rotate yearly
  secrets:
    APISecret: "canary-1-b"
tyk-gateway:
  gateway:
    image:
      tag: v5.8.1
    replicaCount: 2
    extraEnvs:
      - name: TYK_GW_LOGLEVEL
        value: info
      - value: canary-2-c
        name: TYK_GW_SECRET
    certificate:
      privateKey: |
        -----BEGIN PRIVATE KEY-----
        canary-3-d
        -----END PRIVATE KEY-----
    audit: mongodb://user:canary-4-e@mongo/db
"""
NEW_VALUES = (
    OLD_VALUES.replace(b"replicaCount: 2", b"replicaCount: 3")
    .replace(b"v5.8.1", b"v5.13.1")
    .replace(b"canary-0-a", b"canary-5-f")
    .replace(b"        canary-3-d", b"        canary-6-g")
    .replace(b"value: info", b"value: debug")
    .replace(b"canary-4-e", b"canary-7-h")
)


def manifest(tag: str, number: int, chart: str) -> str:
    """A small release with its secrets in every place where one can be."""
    encoded = base64.b64encode(f"canary-{number}-{chr(97 + number)}".encode()).decode()
    plain, env, config, url = (f"canary-{at}-{chr(97 + at)}" for at in range(number + 1, number + 5))
    return f"""
---
# Source: tyk-oss/charts/tyk-gateway/templates/secrets.yaml
apiVersion: v1
kind: Secret
metadata: {{name: secrets-prod, labels: {{chart: {chart}}}}}
data: {{APISecret: {encoded}}}
stringData: {{note: {plain}, same: stays}}
---
# Source: tyk-oss/charts/tyk-gateway/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata: {{name: pump, labels: {{chart: {chart}}}}}
data:
  pump.conf: |
    {{
      "listen": 8080, "secret": "{config}",
      "dsn": "host=db user=tyk password={config} dbname=tyk"
    }}
  mode: "{tag}"
---
# Source: tyk-oss/charts/tyk-gateway/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {{name: gateway-prod, labels: {{chart: {chart}}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: gateway}}}}
  template:
    metadata: {{labels: {{app: gateway}}}}
    spec:
      containers:
      - name: gateway-tyk-gateway
        image: registry.example/tyk-gateway:{tag}
        resources: {{requests: {{cpu: 250m, memory: 128Mi}}}}
        env:
        - {{name: TYK_GW_SECRET, value: {env}}}
        - {{name: TYK_GW_STORAGE_HOST, value: "redis://:{url}@redis:6379"}}
        - {{name: TYK_GW_LISTENPORT, value: "8080"}}
"""


SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: gateway-svc}
spec: {ports: [{port: 8080}]}
"""
CLAIM = """
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: apps}
spec: {resources: {requests: {storage: 1Gi}}}
"""


def plan() -> Plan:
    old, new = helmyaml.read(OLD_VALUES, 4), helmyaml.read(NEW_VALUES, 4)
    yours, _ = changes(old, new)
    before = manifest("v5.8.1", 0, "tyk-gateway-4.0.0") + SERVICE + CLAIM
    after = manifest("v5.13.1", 8, "tyk-gateway-5.3.0") + SERVICE
    objects = compare(before, after, namespace="tyk")
    by_chart = compare(before, manifest("v5.13.1", 0, "tyk-gateway-5.3.0") + SERVICE, namespace="tyk")
    by_values = compare(before, manifest("v5.8.1", 8, "tyk-gateway-4.0.0") + SERVICE + CLAIM, namespace="tyk")
    return Plan(
        helm=HelmVersion("v4.3.1", 4, 3, 1),
        release=Release("prod", "tyk", 7, "deployed", "tyk-oss", "4.0.0"),
        chart=Chosen("5.3.0", "the newest release", (("6.0.0-alpha.1", "a prerelease"),)),
        archive=ChartArchive("tyk-oss", "5.3.0", "tyk-oss-5.3.0.tgz", "ab12" * 16, ("Artifact Hub",)),
        gateway_before=Known("5.8.1"),
        gateway=Known(
            GatewayTarget(
                "registry.example/tyk-gateway:v5.13.1", Known("5.13.1"), Chosen("5.13.1", "newest LTS")
            )
        ),
        baseline=Unknown("not asked here"),
        values=ValuesInput("values.yaml", (), Layers(), new),
        values_changes=ValuesChanges(yours, OVERRIDES, DEFAULTS, (("legacy", "token"),), (EDITED,), ()),
        objects=attribute(objects, by_values, by_chart),
        manifest=after,
        verdicts=VERDICTS,
        flags=UpgradeFlags(),
        settings=RunSettings(),
        rollback_to=7,
        catalogue_notes=("Artifact Hub did not answer; the repository index did",),
    )


EDITED = EditedFile(
    "values.yaml",
    OLD_VALUES,
    NEW_VALUES,
    "cd34" * 16,
    (
        FileEdit(
            "values.yaml",
            ("tyk-gateway", "gateway", "image", "tag"),
            "v5.8.1",
            "v5.13.1",
            "--gateway-version",
        ),
    ),
)
DEFAULTS = (
    NewDefault(("tyk-gateway", "gateway", "httpsServerOptions", "xffDepth"), ABSENT, 1.0, "trusted proxies"),
    NewDefault(("tyk-gateway", "gateway", "service", "type"), "NodePort", "ClusterIP"),
)
OVERRIDES = (
    Override(
        ("tyk-gateway", "gateway", "image", "tag"),
        Known("v5.3.8"),
        Known("v5.9.1"),
        "v5.13.1",
        Known("v5.13.1"),
        Judgement.STALE_PIN,
        "the chart has changed this default; yours still wins",
        "values.yaml",
        11,
    ),
    Override(
        ("global", "redis", "pass"),
        Known(""),
        Known(""),
        CANARIES[5],
        Known(CANARIES[5]),
        Judgement.KEPT,
        "wins",
    ),
    Override(
        ("tyk-gateway", "gateway", "apiSecret"),
        Unknown("the old chart could not be fetched"),
        Known(ABSENT),
        CANARIES[6],
        Known(CANARIES[6]),
        Judgement.DEAD,
        "no template reads tyk-gateway.gateway.apiSecret",
    ),
    Override(
        ("a",), Unknown("x"), Unknown("x"), 1.0, Unknown("x"), Judgement.UNKNOWN, "the chart was not read"
    ),
)
VERDICTS = (
    passed("cluster-record", "the Lease and the Secret can be written"),
    replace(
        failed(
            "apis-in-emptydir",
            "2 APIs would be lost with their pods",
            "gateway-prod-1: orders, carts",
            hint="--restore-apis posts them again",
        ),
        policy=Policy.FAIL,
    ),
    unknown("images-exist", f"redis://:{CANARIES[4]}@registry did not answer", hint="try again"),
    not_applicable("crds", "the chart has none"),
)


def outcome() -> Outcome:
    done = StepResult(StepStatus.DONE, "revision 8 is deployed")
    proof_failed = StepResult(StepStatus.FAILED, f"gateway-prod-2 says fail: redis://:{CANARIES[3]}@redis")
    return Outcome(
        run="20261123-221500-prod",
        ending=Ending.ROLLED_BACK,
        exit_code=4,
        reason="the gateway in gateway-prod-2 is not healthy",
        entries=(
            Entry(1, "upgrade", "begin", "2026-11-23T22:15:00Z"),
            Entry(2, "upgrade", "end", "2026-11-23T22:15:06Z", done, 6.21),
            Entry(3, "prove", "begin", "2026-11-23T22:15:06Z"),
            Entry(4, "prove", "end", "2026-11-23T22:15:20Z", proof_failed, 14.0),
            Entry(5, "soak", "begin", "2026-11-23T22:15:20Z"),
        ),
        proof=(
            PodProof("gateway-prod-1", (passed("hello", "pass, version 5.13.1, redis pass"),)),
            PodProof(
                "gateway-prod-2",
                (failed("hello", "redis is down", "storage: Redis is down", hint="see Redis"),),
            ),
            PodProof("gateway-prod-3", (unknown("hello", "the tunnel broke"),)),
        ),
        bundle="20261123-221459-prod",
        next_action="find out why Redis is down, then run the upgrade again",
    )
