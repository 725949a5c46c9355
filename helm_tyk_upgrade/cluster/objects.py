"""The Kubernetes library, adapted: its verbs on dicts, its HTTP through our transport."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import httpx2
from lightkube import Client
from lightkube.config.client_adapter import ConnectionParams
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.config.models import Cluster, User
from lightkube.core.generic_client import GenericSyncClient
from lightkube.generic_resource import GenericGlobalResource, GenericNamespacedResource, create_api_info
from lightkube.types import PatchType

from helm_tyk_upgrade.cluster.access import Access
from helm_tyk_upgrade.cluster.resources import Resource


class _Params(ConnectionParams):
    """Hands the library our transport, which knows plugins, proxies, impersonation and retries; its own way
    of making the client would write keys to temporary files and knows none of these."""

    def httpx_params(self, config: SingleConfig) -> dict[str, Any]:
        return {
            "base_url": config.cluster.server,
            "transport": self.transport,
            "timeout": self.timeout,
            "trust_env": False,
        }


class Objects(Client):
    """lightkube's client: get, list, create, replace, patch, apply and delete on the classes of
    `class_of`."""

    def __init__(self, access: Access, transport: httpx2.BaseTransport, timeout: httpx2.Timeout) -> None:
        config = KubeConfig.from_one(
            cluster=Cluster(server=access.server), user=User(), namespace=access.namespace
        )
        self._timeout = timeout
        self._client = GenericSyncClient(
            _Params(timeout=timeout, trust_env=False, transport=transport), config
        )


@lru_cache(maxsize=256)
def class_of(resource: Resource) -> Any:
    """The library's class for a kind. Made directly, not registered: its registry is one for the whole
    process and refuses a kind that something else defined."""
    base = GenericNamespacedResource if resource.namespaced else GenericGlobalResource
    info = create_api_info(resource.group, resource.version, resource.kind, resource.plural)
    return type(resource.kind, (base,), {"_api_info": info})


def patch_type(how: str) -> PatchType:
    return {"merge": PatchType.MERGE, "strategic": PatchType.STRATEGIC}[how]
