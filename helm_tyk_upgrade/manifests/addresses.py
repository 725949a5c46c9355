"""What clients no longer find where they found it: Services and Ingresses that move, close a port or lose an address.
Pure; findings are dangers with the effect "address changes"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from helm_tyk_upgrade.manifests.split import mapping
from helm_tyk_upgrade.model.change import ABSENT, Action, Danger, FieldChange, ObjectChange

_FOUND = ("Service", "Ingress", "HTTPRoute", "Gateway")
"""Kinds that clients reach by name or address."""
_LOST = {
    "LoadBalancer": "its external address is given back",
    "NodePort": "its port on every node closes",
}
_HINT = (
    "Keep the name and namespace in the values (fullnameOverride), or tell the clients the new ones first."
)


def moved(changes: Sequence[ObjectChange], namespace: str = "") -> Iterator[Danger]:
    """Objects that clients find by name and that are deleted: renamed, moved to another namespace, or gone. namespace:
    the release's. Whoever is annotated `helm.sh/resource-policy: keep` stays."""
    added = [change for change in changes if change.action is Action.ADDED and not change.hook]
    for change in changes:
        if change.action is not Action.REMOVED or change.hook or change.id.kind not in _FOUND:
            continue
        if _annotations(_data(change)).get("helm.sh/resource-policy") == "keep":
            continue
        yield _danger(change, "moved-object", "", f"{_gone(change, added, namespace)}", _HINT)


def readdressed(change: ObjectChange) -> Iterator[Danger]:
    """A Service or Ingress that keeps its name, but not its type, ports, external address or hosts."""
    if change.action is not Action.CHANGED:
        return
    for field in change.fields:
        for rule in _RULES.get(change.id.kind, ()):
            reason = rule(field)
            if reason:
                hint = "Keep the old value in the values, or tell the clients the new address first."
                yield _danger(change, "changed-address", field.path, f"{change.id}: {reason}", hint)


def _danger(change: ObjectChange, rule: str, path: str, reason: str, hint: str) -> Danger:
    return Danger(change.id, rule, "address changes", path, reason, hint)


def _gone(change: ObjectChange, added: Sequence[ObjectChange], namespace: str) -> str:
    """In words; the new object is one of the same name, else the only one of that kind from the same template."""
    lost = _LOST.get(str(mapping(_data(change).get("spec")).get("type", "")), "")
    end = f", and {lost}" if lost else ""
    for other in added:
        if (other.id.kind, other.id.name) == (change.id.kind, change.id.name):
            places = (change.id.namespace or namespace, other.id.namespace or namespace)
            where = "from namespace {} to {}".format(*places)
            return f"{change.id.kind} {change.id.name} moves {where}: its address changes, clients break{end}"
    same = [
        other for other in added if other.id.kind == change.id.kind and _template(other) == _template(change)
    ]
    if len(same) == 1:
        return f"{change.id} is deleted and {same[0].id.name} made: its address changes, clients break{end}"
    return f"{change.id} is deleted: clients that use its address break{end}"


def _template(change: ObjectChange) -> str:
    """Without the chart's name: a chart that becomes a subchart has the same files."""
    return change.template.rpartition("/templates/")[2]


def _retyped(field: FieldChange) -> str:
    new = "ClusterIP" if field.new is ABSENT else field.new
    keeps_node_ports = field.old == "NodePort" and new == "LoadBalancer"
    if field.steps != ("spec", "type") or field.old not in _LOST or keeps_node_ports:
        return ""
    return f"{field.old} becomes {new}, {_LOST[field.old]}"


def _port(field: FieldChange) -> str:
    """A number that clients know is another one, or none."""
    if field.steps[:2] != ("spec", "ports"):
        return ""
    if len(field.steps) == 3 and field.new is ABSENT:
        return f"port {mapping(field.old).get('port')} closes"
    if field.steps[-1] in ("port", "nodePort") and type(field.old) is int and type(field.new) is int:
        what = "port" if field.steps[-1] == "port" else "node port"
        return f"{what} {field.old} closes, {field.new} opens"
    return ""


def _external(field: FieldChange) -> str:
    if field.steps == ("spec", "loadBalancerIP") and isinstance(field.old, str) and field.old:
        return f"its external address {field.old} is given back"
    if field.steps[:2] == ("spec", "externalIPs") and field.new is ABSENT:
        return f"its external address {field.old} is given back"
    return ""


def _host(field: FieldChange) -> str:
    if field.steps[:2] != ("spec", "rules"):
        return ""
    old = field.old.get("host") if isinstance(field.old, dict) else field.old
    if not isinstance(old, str) or not (field.steps[-1] == "host" or len(field.steps) == 3):
        return ""
    return f"host {old} is no longer answered" + (f", {field.new} is" if isinstance(field.new, str) else "")


_RULES: dict[str, tuple[Callable[[FieldChange], str], ...]] = {
    "Service": (_retyped, _port, _external),
    "Ingress": (_host,),
}


def _data(change: ObjectChange) -> dict[str, Any]:
    """The whole of a removed object."""
    return mapping(change.fields[0].old) if change.fields else {}


def _annotations(data: dict[str, Any]) -> dict[str, Any]:
    return mapping(mapping(data.get("metadata")).get("annotations"))
