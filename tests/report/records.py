"""A plan and outcomes with everything in them, for the views; and the secrets that must never be seen."""

from __future__ import annotations

import base64
from dataclasses import replace

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.manifests.cause import attribute
from helm_tyk_upgrade.manifests.diff import compare
from helm_tyk_upgrade.model.change import (
    ABSENT,
    ChecksumTrace,
    EditedFile,
    FileEdit,
    Judgement,
    NewDefault,
    ObjectId,
    Override,
    ValuesChanges,
)
from helm_tyk_upgrade.model.chart import ChartArchive, Chosen
from helm_tyk_upgrade.model.inputs import Layers, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.outcome import Ending, Entry, Outcome, PodProof, StepResult, StepStatus
from helm_tyk_upgrade.model.plan import GatewayTarget, Plan, ValuesInput
from helm_tyk_upgrade.model.release import HelmVersion, Release
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.server import (
    Drift,
    DryRunAnswer,
    FieldConflict,
    ImagePresence,
    LiveNeighbours,
    ServerTruth,
)
from helm_tyk_upgrade.model.verdict import Policy, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.values.compare import changes

CANARIES = tuple(f"canary-{number}-{word}" for number, word in enumerate("abcdefghijklmnopqrstuvwxyz"))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


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
    metadata:
      labels: {{app: gateway}}
      annotations: {{checksum/secret: "{number:064x}", checksum/config: "{number + 1:064x}"}}
    spec:
      containers:
      - name: gateway-tyk-gateway
        image: registry.example/tyk-gateway:{tag}
        resources: {{requests: {{cpu: 250m, memory: 128Mi}}}}
        env:
        - {{name: TYK_GW_SECRET, value: {env}}}
        - {{name: TYK_GW_STORAGE_HOST, value: "redis://:{url}@redis:6379"}}
        - {{name: TYK_GW_LISTENPORT, value: "8080"}}
        - {{name: TYK_LOGLEVEL, value: "level of {tag}"}}
---
# Source: tyk-oss/charts/tyk-pump/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {{name: pump-prod, labels: {{chart: {chart}}}}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: pump}}}}
  template:
    metadata: {{labels: {{app: pump}}}}
    spec:
      containers:
      - name: pump
        image: registry.example/pump:v9
        env: [{{name: TYK_LOGLEVEL, value: "level of {tag}"}}]
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
        objects=replace(
            attribute(objects, by_values, by_chart),
            checksums=CHECKSUMS,
            open_causes=("the old chart is gone",),
        ),
        manifest=after,
        verdicts=VERDICTS,
        flags=UpgradeFlags(),
        settings=RunSettings(),
        rollback_to=7,
        catalogue_notes=("Artifact Hub did not answer; the repository index did",),
        server=SERVER,
        transitions=Known(TRANSITIONS),
        plugins=Known(PLUGINS),
    )


def bare_plan() -> Plan:
    """The same of a cluster, registries and records that nobody could ask."""
    return replace(
        plan(),
        server=ServerTruth(),
        transitions=Unknown("5.14 is newer than every record"),
        plugins=Unknown("the gateway's API did not answer"),
    )


DEPLOYMENT = ObjectId("apps/v1", "Deployment", "", "gateway-prod")
SECRET = ObjectId("v1", "Secret", "", "secrets-prod")
CONFIG = ObjectId("v1", "ConfigMap", "", "pump")
CHECKSUMS = (
    ChecksumTrace(DEPLOYMENT, "spec.template.metadata.annotations[checksum/secret]", (SECRET,), known=True),
    ChecksumTrace(DEPLOYMENT, "spec.template.metadata.annotations[checksum/config]", (CONFIG,), known=False),
)
SERVER = ServerTruth(
    neighbours=LiveNeighbours(platforms=Known(("linux/amd64", "linux/arm64"))),
    forward=Known(
        (
            DryRunAnswer(SECRET, Known(True)),
            DryRunAnswer(
                DEPLOYMENT,
                Known(False),
                f"admission webhook denied it: env value {CANARIES[10]} (--token {CANARIES[21]})",
                (f"spec.template.spec.containers[0].env[0].value: Authorization: Bearer {CANARIES[22]}",),
                immutable=True,
            ),
            DryRunAnswer(
                CONFIG,
                Known(True),
                conflicts=(FieldConflict(".data.mode", "kubectl-edit", "2026-11-20T08:00:00Z"),),
            ),
            DryRunAnswer(
                ObjectId("batch/v1", "Job", "", "migrate"),
                Unknown("a webhook has side effects"),
                hook="pre-upgrade",
            ),
        )
    ),
    back=Known((DryRunAnswer(SECRET, Known(True)),)),
    drift=Known(
        (
            Drift(DEPLOYMENT, "spec.replicas", 2, 5, "replicas", "kubectl", "2026-11-21T09:30:00Z"),
            Drift(SECRET, "data.APISecret", "aGFybWxlc3M=", _encoded(CANARIES[23]), "APISecret"),
            Drift(
                DEPLOYMENT,
                "spec.template.spec.containers[gateway-tyk-gateway].env[DB_PASSWORD].value",
                ABSENT,
                CANARIES[24],
                "DB_PASSWORD",
            ),
            Drift(ObjectId("v1", "Service", "", "gateway-svc"), "", {"kind": "Service"}, ABSENT),
        )
    ),
    images=Known(
        (
            ImagePresence("registry.example/tyk-gateway:v5.13.1", ("Deployment gateway-prod",), Known(True)),
            ImagePresence("registry.example/pump:v9", ("Deployment pump",), Known(False)),
            ImagePresence(
                "registry.example/redis:7", ("StatefulSet redis",), Known(True), missing=("linux/arm64",)
            ),
            ImagePresence(
                "private.example/tool:1",
                ("Job migrate",),
                Unknown(f"401 for https://robot:{CANARIES[25]}@private.example"),
            ),
        )
    ),
    images_back=Known(
        (
            ImagePresence(
                "registry.example/tyk-gateway:v5.8.1",
                ("Deployment gateway-prod",),
                Known(True),
                "sha256:" + "ab" * 32,
                evidence="the registry has it",
            ),
        )
    ),
)
TRANSITIONS = (
    TransitionFinding(
        "oas-format-5-3",
        "gateway",
        "blocks",
        "API definitions are stored in another format",
        Known(True),
        (f"orders: target redis://:{CANARIES[4]}@upstream",),
        "export them first",
        "https://tyk.io/docs/developer-support/release-notes/gateway",
        one_way=True,
    ),
    TransitionFinding(
        "strict-routes",
        "gateway",
        "warns",
        "routes match whole path elements",
        Unknown("the gateway's API was not asked"),
        (),
        "look at listen paths",
        "release notes",
        check="known-transitions",
    ),
    TransitionFinding(
        "liveness-unit", "chart", "tells", "seconds, not nanoseconds", Known(False), (), "", "values.yaml"
    ),
)
PLUGINS = GoPlugins(
    (
        GoPlugin(
            "API orders",
            "/plugins/sign.so",
            ("sign_v5.13.1_linux_amd64.so", "sign.so"),
            Known(("sign.so",)),
        ),
        GoPlugin("API carts", "/plugins/old.so", ("old_v5.13.1_linux_amd64.so",), Known(())),
        GoPlugin("log", "/plugins/what", ("what.so",), Unknown("pods have no ls"), sure=False),
    ),
    (
        "docker run --rm -v $PWD:/plugin-source --platform=linux/amd64 tykio/tyk-plugin-compiler:v5.13.1 sign.so",
    ),
    ("gateway-prod-2: forbidden",),
    ("built with Go 1.24",),
    "apiVersion: batch/v1\nkind: Job\n",
    Known(True),
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
    failed("availability", "capacity falls to zero while it rolls: about 40 requests will be lost"),
    failed(
        "way-back",
        "at risk: oas-format-5-3 is one-way",
        "at risk: oas-format-5-3 is one-way",
        "not proven: the node has no image for linux/arm64",
    ),
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
