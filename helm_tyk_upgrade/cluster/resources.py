"""Kinds and their places in the API: which plural, in a namespace or not. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """A kind as the API serves it. api_version: `v1` or `GROUP/VERSION`."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        return self.api_version.rpartition("/")[2]

    def path(self, namespace: str = "", name: str = "", *rest: str) -> str:
        """Relative URL path. Without a namespace, a namespaced kind means all namespaces."""
        parts = [group_path(self.api_version)]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        return "/".join([*parts, self.plural, *filter(None, (name, *rest))])


def group_path(api_version: str) -> str:
    return f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"


_NAMESPACED = {
    "v1": {
        "ConfigMap": "configmaps", "Endpoints": "endpoints", "Event": "events",
        "PersistentVolumeClaim": "persistentvolumeclaims", "Pod": "pods",
        "ReplicationController": "replicationcontrollers",
        "Secret": "secrets", "Service": "services", "ServiceAccount": "serviceaccounts",
    },
    "apps/v1": {
        "ControllerRevision": "controllerrevisions", "DaemonSet": "daemonsets", "Deployment": "deployments",
        "ReplicaSet": "replicasets", "StatefulSet": "statefulsets",
    },
    "autoscaling/v2": {"HorizontalPodAutoscaler": "horizontalpodautoscalers"},
    "batch/v1": {"CronJob": "cronjobs", "Job": "jobs"},
    "coordination.k8s.io/v1": {"Lease": "leases"},
    "networking.k8s.io/v1": {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"},
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
    "rbac.authorization.k8s.io/v1": {"Role": "roles", "RoleBinding": "rolebindings"},
}  # fmt: skip
_CLUSTER_WIDE = {
    "v1": {"Namespace": "namespaces", "Node": "nodes", "PersistentVolume": "persistentvolumes"},
    "authorization.k8s.io/v1": {"SelfSubjectAccessReview": "selfsubjectaccessreviews"},
    "rbac.authorization.k8s.io/v1": {
        "ClusterRole": "clusterroles",
        "ClusterRoleBinding": "clusterrolebindings",
    },
}


def built_in(api_version: str, kind: str) -> Resource | None:
    """Kinds every server from 1.25 on has: no question to the server is needed for them."""
    for kinds, namespaced in ((_NAMESPACED, True), (_CLUSTER_WIDE, False)):
        plural = kinds.get(api_version, {}).get(kind)
        if plural:
            return Resource(api_version, kind, plural, namespaced)
    return None
