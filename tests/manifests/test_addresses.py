"""What clients would no longer find: in words, and a table of what must be left alone."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.manifests.diff import compare


def service(name: str, spec: str, *, namespace: str = "", template: str = "svc.yaml", notes: str = "") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    place += f", annotations: {{{notes}}}" if notes else ""
    return (
        f"---\n# Source: tyk-oss/templates/{template}\napiVersion: v1\nkind: Service\n"
        f"metadata: {{name: {name}{place}}}\nspec: {spec}\n"
    )


def ingress(*hosts: str) -> str:
    rules = ", ".join(f"{{host: {host}}}" for host in hosts)
    return f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: x}}\nspec: {{rules: [{rules}]}}\n"


PORT = "{type: %s, ports: [{port: %s}]}"
NODE = "{type: NodePort, ports: [{port: 80, nodePort: %s}]}"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param(
            service("gateway-a", "{}"),
            service("gateway-b", "{}"),
            "Service gateway-a is deleted and gateway-b made: its address changes, clients break",
            id="renamed",
        ),
        pytest.param(
            service("a", "{type: LoadBalancer}"),
            service("a", "{type: LoadBalancer}", namespace="edge"),
            "Service a moves from namespace apis to edge: its address changes, clients break, "
            "and its external address is given back",
            id="moved to another namespace",
        ),
        pytest.param(
            service("a", "{type: LoadBalancer}"),
            "",
            "Service a is deleted: clients that use its address break, and its external address is given back",
            id="deleted",
        ),
        pytest.param(
            service("a", "{}"),
            service("b", "{}", template="other.yaml"),
            "Service a is deleted: clients that use its address break",
            id="deleted, and an unrelated one made",
        ),
        pytest.param(
            ingress("x"), "", "Ingress x is deleted: clients that use its address break", id="ingress deleted"
        ),
        pytest.param(
            service("a", PORT % ("LoadBalancer", 80)),
            service("a", PORT % ("ClusterIP", 80)),
            "Service a: LoadBalancer becomes ClusterIP, its external address is given back",
            id="load balancer to cluster IP",
        ),
        pytest.param(
            service("a", PORT % ("LoadBalancer", 80)),
            service("a", PORT % ("NodePort", 80)),
            "Service a: LoadBalancer becomes NodePort, its external address is given back",
            id="load balancer to node port",
        ),
        pytest.param(
            service("a", PORT % ("NodePort", 80)),
            service("a", "{ports: [{port: 80}]}"),
            "Service a: NodePort becomes ClusterIP, its port on every node closes",
            id="node port to the default",
        ),
        pytest.param(
            service("a", NODE % 30001),
            service("a", NODE % 30002),
            "Service a: node port 30001 closes, 30002 opens",
            id="another node port",
        ),
        pytest.param(
            service("a", PORT % ("ClusterIP", 80)),
            service("a", PORT % ("ClusterIP", 8080)),
            "Service a: port 80 closes",
            id="another port",
        ),
        pytest.param(
            service("a", "{loadBalancerIP: 192.0.2.1}"),
            service("a", "{}"),
            "Service a: its external address 192.0.2.1 is given back",
            id="a fixed address left out",
        ),
        pytest.param(
            service("a", "{externalIPs: [192.0.2.1, 192.0.2.2]}"),
            service("a", "{externalIPs: [192.0.2.1]}"),
            "Service a: its external address 192.0.2.2 is given back",
            id="an external address left out",
        ),
        pytest.param(
            ingress("a.example.com"),
            ingress("b.example.com"),
            "Ingress x: host a.example.com is no longer answered, b.example.com is",
            id="another host",
        ),
        pytest.param(
            ingress("a.example.com", "b.example.com"),
            ingress("a.example.com"),
            "Ingress x: host b.example.com is no longer answered",
            id="a host left out",
        ),
    ],
)
def test_found(old: str, new: str, reason: str) -> None:
    found = compare(old, new, namespace="apis").dangers
    assert [danger.reason for danger in found] == [reason]
    assert {danger.effect for danger in found} == {"address changes"}
    assert all(danger.hint for danger in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("", service("a", "{}"), id="a new one"),
        pytest.param(
            service("a", "{}"), service("a", "{}", namespace="apis"), id="the namespace written out"
        ),
        pytest.param(
            service("a", NODE % 30001), service("a", PORT % ("NodePort", 80)), id="its number left out"
        ),
        pytest.param(
            service("a", PORT % ("NodePort", 80)),
            service("a", PORT % ("LoadBalancer", 80)),
            id="node port to load balancer: both answer",
        ),
        pytest.param(
            service("a", PORT % ("ClusterIP", 80)), service("a", PORT % ("NodePort", 80)), id="opened"
        ),
        pytest.param(
            service("a", "{ports: [{port: 80}]}"),
            service("a", "{ports: [{port: 80}, {port: 81}]}"),
            id="one more port",
        ),
        pytest.param(
            service("a", "{ports: [{port: 80, targetPort: 1}]}"),
            service("a", "{ports: [{port: 80, targetPort: 2}]}"),
            id="another port of the pod",
        ),
        pytest.param(service("a", "{}", notes="helm.sh/resource-policy: keep"), "", id="Helm keeps it"),
        pytest.param(service("a", "{}", notes="helm.sh/hook: test"), "", id="a hook"),
        pytest.param(ingress("a.example.com"), ingress("a.example.com", "b.example.com"), id="one more host"),
    ],
)
def test_left_alone(old: str, new: str) -> None:
    assert compare(old, new, namespace="apis").dangers == ()
