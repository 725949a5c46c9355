"""Every image of a manifest: asked of its registry as its nodes would ask, or found on the nodes."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.server import ImagePresence
from helm_tyk_upgrade.targets import images as module
from helm_tyk_upgrade.targets.images import images
from tests.registries.fake import FakeRegistry, Reply
from tests.registries.serving import make_certificate, serving
from tests.targets.build import ScriptedCluster, TestDoors

AMD = Known(("linux/amd64",))
BOTH = Known(("linux/amd64", "linux/arm64"))
DOCKER_AUTH = {"auth": base64.b64encode(b"ann:canary-pass").decode()}


@dataclass
class NodeCluster(ScriptedCluster):
    nodes: list[dict[str, Any]] | Exception = field(default_factory=list)

    def list(self, api_version: str, kind: str, namespace: str = "") -> Any:
        assert (api_version, kind) == ("v1", "Node")
        self.asked.append(("list", kind))
        if isinstance(self.nodes, Exception):
            raise self.nodes
        return self.nodes


class Doors(TestDoors):
    __test__ = False

    def __init__(self, cluster: NodeCluster, env: Mapping[str, str]) -> None:
        super().__init__(cluster)
        self.scripted = cluster
        self.env = dict(env)
        self.processes = Processes(env)

    @property
    def cluster(self) -> Cluster:
        return cast(Cluster, self.scripted)

    def http(self, ca_file: str = "") -> Http:
        assert ca_file
        return Http(ca_file=ca_file, timeout=2.0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def registry(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRegistry]:
    with serving(certificate, monkeypatch) as server:
        yield server


@dataclass
class World:
    """A fake registry, a scripted cluster, and the question asked of both."""

    registry: FakeRegistry
    certificate: Path
    cluster: NodeCluster = field(default_factory=NodeCluster)
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.doors = Doors(self.cluster, self.env)

    def name(self, rest: str) -> str:
        return f"registry.test:{self.registry.port}/{rest}"

    def ask(self, *objects: str, platforms: Maybe[tuple[str, ...]] = AMD) -> tuple[ImagePresence, ...]:
        items = split("---\n".join(objects))
        answer = images(self.doors, items, "apis", platforms, ca_file=str(self.certificate))
        assert isinstance(answer, Known)
        assert "canary" not in repr(answer)
        return answer.value

    def one(self, *objects: str, platforms: Maybe[tuple[str, ...]] = AMD) -> ImagePresence:
        [found] = self.ask(*objects, platforms=platforms)
        return found


@pytest.fixture
def world(registry: FakeRegistry, certificate: Path) -> World:
    return World(registry, certificate)


def workload(
    image: str,
    kind: str = "Deployment",
    name: str = "gw",
    policy: str = "",
    pod: Mapping[str, Any] | None = None,
) -> str:
    """pod: what its spec has beside one container."""
    container = {"name": "main", "image": image} | ({"imagePullPolicy": policy} if policy else {})
    template: dict[str, Any] = {"spec": {"containers": [container], **(pod or {})}}
    spec: dict[str, Any] = {"template": template}
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    if kind == "Pod":
        spec = template["spec"]
    return json.dumps({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "spec": spec}) + "\n"


def hook(image: str, events: str) -> str:
    document = json.loads(workload(image, "Job", "hook"))
    document["metadata"]["annotations"] = {"helm.sh/hook": events}
    return json.dumps(document) + "\n"


def secret(name: str, host: str, where: str = "data") -> dict[str, Any]:
    config = json.dumps({"auths": {host: DOCKER_AUTH}})
    content = base64.b64encode(config.encode()).decode() if where == "data" else config
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        where: {".dockerconfigjson": content},
    }


def node(*images: str, name: str = "n1", platform: str = "linux/amd64", **spec: Any) -> dict[str, Any]:
    system, _, architecture = platform.partition("/")
    info = {"operatingSystem": system, "architecture": architecture}
    status = {"nodeInfo": info, "images": [{"names": ["<none>@<none>", image]} for image in images]}
    return {"metadata": {"name": name}, "spec": spec, "status": status}


def test_each_image_is_asked_once_with_all_who_use_it(world: World) -> None:
    image = world.name("tyk:v1")
    digest = world.registry.push("tyk", "v1", "linux/amd64")
    kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"]
    [found] = world.ask(*(workload(image, kind, kind.lower()) for kind in kinds))
    users = tuple(f"{kind} {kind.lower()}" for kind in kinds)
    assert found == ImagePresence(
        image, users, Known(True), digest, evidence=f"registry.test:{world.registry.port} has it"
    )
    assert [seen.method for seen in world.registry.seen] == ["GET"]
    assert ("list", "Node") not in world.cluster.asked  # nothing was left to ask the nodes


def test_init_containers_count_and_ephemeral_ones_do_not(world: World) -> None:
    main, first, debug = (world.name(f"{name}:v1") for name in ("main", "first", "debug"))
    extra = {"initContainers": [{"image": first}], "ephemeralContainers": [{"image": debug}]}
    assert [item.image for item in world.ask(workload(main, pod=extra))] == [first, main]


@pytest.mark.parametrize(
    ("events", "asked"),
    [
        ("pre-upgrade", True),
        ("post-install,post-upgrade", True),
        ("pre-rollback", True),
        ("test", False),
        ("test-success", False),
        ("pre-install", False),
        ("pre-delete", False),
    ],
)
def test_only_hooks_that_run_on_the_way_count(world: World, events: str, asked: bool) -> None:
    assert bool(world.ask(hook(world.name("job:v1"), events))) is asked


def test_an_absent_image_is_absent(world: World) -> None:
    world.registry.push("tyk", "v1", "linux/amd64")
    world.cluster.nodes = [node("docker.io/library/redis:7")]
    found = world.one(workload(world.name("tyk:v2")))
    assert (found.present, found.evidence) == (
        Known(False),
        f"registry.test:{world.registry.port} answers MANIFEST_UNKNOWN",
    )


def test_an_image_that_no_node_would_take_is_absent(world: World) -> None:
    bad, none = world.ask(workload("Not An Image"), workload("", name="none"))
    assert (bad.present, none.present) == (Known(False), Known(False))
    assert bad.evidence.startswith("it is no image reference: ")
    assert world.registry.seen == []


def test_platforms_without_an_image_are_named(world: World) -> None:
    world.registry.push("tyk", "v1", "linux/amd64", "linux/s390x")
    assert world.one(workload(world.name("tyk:v1")), platforms=BOTH).missing == ("linux/arm64",)


ARM = {"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]}
NOT_ARM = {**ARM, "operator": "NotIn"}


def affinity(*terms: list[dict[str, Any]]) -> dict[str, Any]:
    required = {"nodeSelectorTerms": [{"matchExpressions": term} for term in terms]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


@pytest.mark.parametrize(
    ("pod", "missing"),
    [
        ({}, ("linux/arm64",)),
        ({"nodeSelector": {"kubernetes.io/arch": "amd64"}}, ()),
        ({"nodeSelector": {"beta.kubernetes.io/arch": "arm64"}}, ("linux/arm64",)),
        ({"nodeSelector": {"disk": "fast"}}, ("linux/arm64",)),
        (affinity([NOT_ARM]), ()),
        (affinity([ARM]), ("linux/arm64",)),
        (affinity([NOT_ARM], [ARM]), ("linux/arm64",)),
        (affinity([{"key": "zone", "operator": "Exists"}, NOT_ARM]), ()),
    ],
)
def test_only_platforms_on_which_the_pods_may_run_matter(
    world: World, pod: dict[str, Any], missing: tuple[str, ...]
) -> None:
    world.registry.push("tyk", "v1", "linux/amd64")
    assert world.one(workload(world.name("tyk:v1"), pod=pod), platforms=BOTH).missing == missing


def test_unknown_platforms_are_not_compared(world: World) -> None:
    world.registry.push("tyk", "v1", "linux/amd64")
    found = world.one(workload(world.name("tyk:v1")), platforms=Unknown("not allowed"))
    assert (found.present, found.missing) == (Known(True), ())


def test_platforms_that_the_registry_does_not_tell_leave_it_unknown(world: World) -> None:
    world.registry.push("tyk", "v1")
    world.registry.answers["/tyk/sha256"] = lambda: Reply(500)
    found = world.one(workload(world.name("tyk:v1")))
    assert isinstance(found.present, Unknown)
    assert "has it, but for which platforms is unknown" in found.present.reason


# What the nodes have already.


@pytest.mark.parametrize("policy", ["IfNotPresent", "Never", ""])
def test_an_image_that_every_node_has_is_there(world: World, policy: str) -> None:
    image = world.name("kept:v1")
    world.cluster.nodes = [node(image, name="n1"), node(image, name="n2")]
    found = world.one(workload(image, policy=policy))
    assert (found.present, found.evidence) == (Known(True), "every node has it already")


def test_a_short_name_is_found_under_its_whole_one(world: World) -> None:
    world.cluster.nodes = [node("docker.io/library/redis:7")]
    assert world.one(workload("redis:7", policy="Never")).present == Known(True)


@pytest.mark.parametrize(("image", "policy"), [("kept:v1", "Always"), ("kept", ""), ("kept:latest", "")])
def test_a_pod_that_always_asks_the_registry_has_no_use_for_a_nodes_copy(
    world: World, image: str, policy: str
) -> None:
    world.cluster.nodes = [node(world.name("kept:v1")), node(world.name("kept:latest"))]
    assert world.one(workload(world.name(image), policy=policy)).present == Known(False)
    assert ("list", "Node") not in world.cluster.asked


def test_an_image_that_some_nodes_have_is_unknown(world: World) -> None:
    image = world.name("kept:v1")
    world.cluster.nodes = [node(image), node(name="n2"), node(name="n3", unschedulable=True)]
    found = world.one(workload(image)).present
    assert found == Unknown(
        f"registry.test:{world.registry.port} does not have it; 1 of 2 nodes have it already"
    )


def test_a_node_on_which_the_pods_cannot_run_does_not_count(world: World) -> None:
    image = world.name("kept:v1")
    world.cluster.nodes = [node(image), node(name="n2", platform="linux/arm64")]
    pinned = {"nodeSelector": {"kubernetes.io/arch": "amd64"}}
    assert world.one(workload(image, pod=pinned), platforms=BOTH).present == Known(True)


def test_an_image_that_is_never_pulled_is_asked_of_the_nodes_only(world: World) -> None:
    image = world.name("kept:v1")
    world.registry.push("kept", "v1", "linux/amd64")
    world.cluster.nodes = [node("docker.io/library/redis:7")]
    found = world.one(workload(image, policy="Never"))
    assert (found.present, found.evidence) == (Known(False), "imagePullPolicy is Never and no node has it")
    world.cluster.nodes = [node(*(f"docker.io/library/other:v{number}" for number in range(50)))]
    assert isinstance(world.one(workload(image, policy="Never")).present, Unknown)  # it lists no more than 50
    world.cluster.nodes = ClusterError("nodes: forbidden")
    unknown = world.one(workload(image, policy="Never")).present
    assert isinstance(unknown, Unknown)
    assert "nodes: forbidden" in unknown.reason
    assert world.registry.seen == []


def test_an_image_that_only_some_nodes_have_and_that_is_never_pulled_is_unknown(world: World) -> None:
    image = world.name("kept:v1")
    world.cluster.nodes = [node(image), node(name="n2")]
    found = world.one(workload(image, policy="Never")).present
    assert found == Unknown("imagePullPolicy is Never; 1 of 2 nodes have it already")


def test_what_the_registry_does_not_have_is_absent_where_nodes_cannot_be_listed(world: World) -> None:
    world.cluster.nodes = ClusterError("nodes: forbidden")
    assert world.one(workload(world.name("tyk:v1"))).present == Known(False)


def test_trouble_with_the_registry_is_unknown(world: World) -> None:
    world.registry.answers["/v2/"] = lambda: Reply(503)
    found = world.one(workload(world.name("tyk:v1")))
    assert found.present == Unknown(f"registry.test:{world.registry.port}: it answers with HTTP 503")


def test_a_name_for_this_machine_means_another_on_the_nodes(world: World) -> None:
    found = world.one(workload(f"localhost:{world.registry.port}/tyk:v1")).present
    assert isinstance(found, Unknown)


# As whom the registry is asked.


@pytest.fixture
def private(world: World) -> World:
    world.registry.auth, world.registry.users = "bearer", {"ann": "canary-pass"}
    world.registry.private = {"tyk"}
    world.registry.push("tyk", "v1", "linux/amd64")
    return world


@pytest.mark.parametrize("where", ["data", "stringData"])
def test_the_pods_pull_secret_of_the_manifest_is_used(private: World, where: str) -> None:
    host = f"registry.test:{private.registry.port}"
    pod = {"imagePullSecrets": [{"name": "regcred"}]}
    given = json.dumps(secret("regcred", host, where)) + "\n"
    assert private.one(workload(private.name("tyk:v1"), pod=pod), given).present == Known(True)
    assert private.doors.masker.text("canary-pass") != "canary-pass"


def test_the_older_kind_of_pull_secret_is_read_too(private: World) -> None:
    config = json.dumps({f"https://registry.test:{private.registry.port}": DOCKER_AUTH}).encode()
    data = {".dockercfg": base64.b64encode(config).decode()}
    private.cluster.objects["Secret", "old"] = {"kind": "Secret", "data": data}
    pod = {"imagePullSecrets": [{"name": "old"}]}
    assert private.one(workload(private.name("tyk:v1"), pod=pod)).present == Known(True)


@pytest.mark.parametrize("account", ["", "tyk"])
def test_the_service_accounts_pull_secret_is_used_where_the_pod_names_none(
    private: World, account: str
) -> None:
    host = f"registry.test:{private.registry.port}"
    private.cluster.objects["Secret", "regcred"] = secret("regcred", host)
    holder = {"kind": "ServiceAccount", "imagePullSecrets": [{"name": "regcred"}]}
    private.cluster.objects["ServiceAccount", account or "default"] = holder
    pod = {"serviceAccountName": account} if account else {}
    image = private.name("tyk:v1")
    assert private.one(workload(image, pod=pod)).present == Known(True)
    other = {**pod, "imagePullSecrets": [{"name": "not-there"}]}
    assert isinstance(private.one(workload(image, pod=other)).present, Unknown)


def test_a_pull_secret_for_another_registry_is_not_sent(private: World) -> None:
    private.cluster.objects["Secret", "other"] = secret("other", "registry.test")  # another port
    pod = {"imagePullSecrets": [{"name": "other"}]}
    assert isinstance(private.one(workload(private.name("tyk:v1"), pod=pod)).present, Unknown)
    assert not any("Basic" in seen.authorization for seen in private.registry.seen)


def test_a_pull_secret_that_cannot_be_read_is_the_reason(private: World) -> None:
    private.cluster.objects["Secret", "regcred"] = ClusterError("secrets: forbidden")
    pod = {"imagePullSecrets": [{"name": "regcred"}]}
    for image in ("tyk:v1", "hidden:v1"):
        found = private.one(workload(private.name(image), pod=pod)).present
        assert isinstance(found, Unknown)
        assert "pull secret regcred cannot be read: secrets: forbidden" in found.reason


@pytest.mark.parametrize(
    "content",
    [{}, {".dockerconfigjson": "!"}, {".dockerconfigjson": "abc"}, {".dockerconfigjson": "W10="}, {"x": "y"}],
)
def test_a_broken_pull_secret_breaks_nothing(private: World, content: dict[str, str]) -> None:
    private.cluster.objects["Secret", "regcred"] = {"kind": "Secret", "data": content}
    pod = {"imagePullSecrets": [{"name": "regcred"}]}
    assert isinstance(private.one(workload(private.name("tyk:v1"), pod=pod)).present, Unknown)


@pytest.fixture
def laptop(registry: FakeRegistry, certificate: Path, tmp_path: Path) -> World:
    """Only the user's own login may see the image tyk:v1."""
    host = f"registry.test:{registry.port}"
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: DOCKER_AUTH}}))
    registry.auth, registry.users, registry.private = "bearer", {"ann": "canary-pass"}, {"tyk"}
    registry.push("tyk", "v1", "linux/amd64")
    return World(registry, certificate, env={"DOCKER_CONFIG": str(tmp_path)})


def test_the_users_own_credentials_come_last_and_prove_nothing_for_the_nodes(laptop: World) -> None:
    registry, image = laptop.registry, laptop.name("tyk:v1")
    assert laptop.one(workload(image, policy="Always")).present == Unknown(
        f"only your own login to registry.test:{registry.port} sees it; whether the nodes may pull it is not known"
    )
    assert [bool(told) for told in registry.told("auth.test")] == [False, True]
    registry.seen.clear()
    registry.push("open", "v1", "linux/amd64")
    assert laptop.one(workload(laptop.name("open:v1"))).present == Known(True)
    assert registry.told("auth.test") == [""]  # nobody asked for more


def test_nodes_that_have_what_only_the_user_may_pull_need_not_pull_it(laptop: World) -> None:
    image = laptop.name("tyk:v1")
    laptop.cluster.nodes = [node(image), node(name="n2")]
    found = laptop.one(workload(image)).present
    assert isinstance(found, Unknown)
    assert found.reason.startswith("only your own login")
    assert found.reason.endswith("; 1 of 2 nodes have it already")
    laptop.cluster.nodes = [node(image)]
    assert laptop.one(workload(image)).present == Known(True)


def test_a_platform_that_is_missing_for_the_user_is_missing_for_the_nodes(laptop: World) -> None:
    assert laptop.one(workload(laptop.name("tyk:v1")), platforms=BOTH).missing == ("linux/arm64",)


def test_a_pull_secret_with_the_users_own_password_is_the_nodes(laptop: World) -> None:
    host = f"registry.test:{laptop.registry.port}"
    laptop.cluster.objects["Secret", "regcred"] = secret("regcred", host)
    pod = {"imagePullSecrets": [{"name": "regcred"}]}
    assert laptop.one(workload(laptop.name("tyk:v1"), pod=pod)).present == Known(True)


def test_registries_that_are_slow_keep_nobody_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)

    def wait() -> Reply:
        world.registry.stopping.wait(3)
        return Reply(200)

    world.registry.answers["/v2/slow"] = wait
    world.registry.push("quick", "v1", "linux/amd64")
    began = time.monotonic()
    names = ["slow-a:v1", "slow-b:v1", "quick:v1"]
    found = world.ask(*(workload(world.name(name), name=name[:6]) for name in names))
    assert time.monotonic() - began < 2.5
    late = Unknown("its registry gave no answer in 0 s")
    assert [item.present for item in found] == [late, late, Known(True)]


def test_a_manifest_without_pods_has_no_images(world: World) -> None:
    assert world.ask("apiVersion: v1\nkind: Service\nmetadata: {name: gw}\n") == ()
