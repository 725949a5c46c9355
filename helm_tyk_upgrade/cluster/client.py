"""The Kubernetes API as this program needs it: one method, one call. Import late: the library takes 0.1 s to
load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import httpx2

from helm_tyk_upgrade.cluster import logs, proxied, rights, watching
from helm_tyk_upgrade.cluster.connection import Connection, Object, understood
from helm_tyk_upgrade.cluster.events import parse_events
from helm_tyk_upgrade.cluster.objects import class_of, patch_type
from helm_tyk_upgrade.cluster.resources import Resource
from helm_tyk_upgrade.cluster.transport import STREAM, VERBATIM
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.known import Maybe, Unknown
from helm_tyk_upgrade.model.pods import PodEvent

FIELD_MANAGER = "helm-tyk-upgrade"
_PAGE = 500
_PODS = Resource("v1", "Pod", "pods", True)


class Cluster(Connection):
    """One API server. Methods raise ClusterError, and NotFound where the named thing is absent.

    Objects go in and out as dicts in the API's own form. Safe to use from several threads.
    """

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object:
        found = self.resource(api_version, kind)
        with understood(f"{kind} {name}"):
            return _object(self.objects.get(class_of(found), name, **_within(found, namespace)))

    def list(
        self, api_version: str, kind: str, namespace: str = "", labels: Mapping[str, str] | None = None
    ) -> list[Object]:
        """All objects of a kind, those of every namespace when none is named; read in pages of 500."""
        found = self.resource(api_version, kind)
        where = {"namespace": namespace or "*"} if found.namespaced else {}
        with understood(f"the list of {found.plural}"):
            listed = self.objects.list(class_of(found), labels=dict(labels or {}), chunk_size=_PAGE, **where)
            return [dict(item) for item in listed]

    def apply(
        self,
        manifest: Object,
        *,
        dry_run: bool,
        force: bool,
        field_manager: str = FIELD_MANAGER,
        namespace: str = "",
    ) -> Object:
        """Server-side apply. `namespace` is for manifests that name none. With `dry_run` everything but the
        storing happens: schema, admission, immutable fields. ApiRefused.reason tells the kinds of refusal
        apart."""
        found = self.resource(str(manifest.get("apiVersion")), str(manifest.get("kind")))
        metadata = manifest.get("metadata") or {}
        where = _within(found, str(metadata.get("namespace") or namespace))
        with understood(f"{found.kind} {metadata.get('name')}"):
            made = class_of(found)(manifest)
            name = str(metadata.get("name"))
            return _object(
                self.objects.apply(
                    made, name, field_manager=field_manager, force=force, dry_run=dry_run, **where
                )
            )

    def create(self, manifest: Object) -> Object:
        """The manifest must name its namespace. An existing object is an ApiRefused with reason
        AlreadyExists."""
        return self._write("create", manifest)

    def replace(self, manifest: Object) -> Object:
        """With metadata.resourceVersion, only that version is replaced: a lost race is an ApiRefused,
        Conflict."""
        return self._write("replace", manifest)

    def patch(
        self,
        api_version: str,
        kind: str,
        name: str,
        body: Object,
        namespace: str = "",
        *,
        how: Literal["merge", "strategic"] = "merge",
    ) -> Object:
        found = self.resource(api_version, kind)
        with understood(f"{kind} {name}"):
            return _object(
                self.objects.patch(
                    class_of(found),
                    name,
                    body,
                    patch_type=patch_type(how),
                    field_manager=FIELD_MANAGER,
                    **_within(found, namespace),
                )
            )

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "") -> None:
        found = self.resource(api_version, kind)
        self.objects.delete(class_of(found), name, **_within(found, namespace))

    def can_i(self, verb: str, group: str, resource: str, namespace: str = "", name: str = "") -> Maybe[bool]:
        """Whether we may. `resource` is a plural, with its subresource: `pods/portforward`."""
        try:
            answer = self.create(rights.question(verb, group, resource, namespace, name))
        except (ClusterError, NotFound) as error:
            return Unknown(error.message)
        return rights.answer(answer)

    def pod_logs(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        previous: bool = False,
        tail: int | None = None,
        since: int | None = None,
        limit: int = logs.LIMIT,
    ) -> str:
        """The container's log: the last `tail` lines, the last `since` seconds, at most `limit` bytes. With
        `previous` the log of the container before the last restart; NotFound where there was none."""
        path = _PODS.path(namespace, pod, "log")
        query = logs.query(container, previous, tail, since, limit)
        with logs.translated(pod, container):
            text = self.http.get(path, params=query).content.decode("utf-8", "replace")
        return logs.found(text, pod, container)

    def events(self, namespace: str, uids: Sequence[str]) -> tuple[PodEvent, ...]:
        """What happened to these objects, oldest first. The server keeps events for an hour."""
        found: list[PodEvent] = []
        for uid in uids:
            query = {"fieldSelector": f"involvedObject.uid={uid}", "limit": str(_PAGE)}
            found += parse_events(self.read(f"api/v1/namespaces/{namespace}/events", params=query))
        return tuple(sorted(found, key=lambda event: event.time))

    def watch(
        self,
        api_version: str,
        kind: str,
        namespace: str = "",
        *,
        labels: Mapping[str, str] | None = None,
        seconds: float,
    ) -> Iterator[watching.Change]:
        """Each change for `seconds`, beginning with what exists; see watching.follow."""
        path = self.resource(api_version, kind).path(namespace)
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
        return watching.follow(self._watch_once, path, selector, seconds)

    def pod_proxy_get(
        self,
        namespace: str,
        pod: str,
        port: int,
        path: str,
        *,
        scheme: str = "http",
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
    ) -> proxied.Proxied:
        """One GET through the API server to a pod: faster than a tunnel for one request, needs `get
        pods/proxy`."""
        return self._proxied(f"pods/{scheme}:{pod}:{port}", namespace, path, headers, timeout)

    def service_proxy_get(
        self,
        namespace: str,
        service: str,
        port: int | str,
        path: str,
        *,
        scheme: str = "http",
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
    ) -> proxied.Proxied:
        """One GET to a random ready pod of a Service; the server picks it, needs `get services/proxy`."""
        return self._proxied(f"services/{scheme}:{service}:{port}", namespace, path, headers, timeout)

    def _proxied(
        self, target: str, namespace: str, path: str, headers: Mapping[str, str] | None, timeout: float
    ) -> proxied.Proxied:
        response = self.http.get(
            f"api/v1/namespaces/{namespace}/{target}/proxy/{path.lstrip('/')}",
            headers=dict(headers or {}),
            timeout=timeout,
            extensions={VERBATIM: True},
        )
        return proxied.parse(response.status_code, response.headers, response.content)

    def _watch_once(self, path: str, query: Mapping[str, str], patience: float) -> Iterator[str]:
        with self.http.stream(
            "GET",
            path,
            params=dict(query),
            extensions={STREAM: True},
            timeout=httpx2.Timeout(10.0, read=patience),
        ) as response:
            yield from response.iter_lines()

    def _write(self, verb: Literal["create", "replace"], manifest: Object) -> Object:
        found = self.resource(str(manifest.get("apiVersion")), str(manifest.get("kind")))
        call = self.objects.create if verb == "create" else self.objects.replace
        with understood(found.kind):
            return _object(call(class_of(found)(manifest), field_manager=FIELD_MANAGER))


def _object(answer: Object) -> Object:
    if "kind" not in answer:
        raise ValueError("not a Kubernetes object")
    return dict(answer)


def _within(resource: Resource, namespace: str) -> dict[str, str]:
    """The library's namespace argument, which cluster-wide kinds must not be given."""
    return {"namespace": namespace} if resource.namespaced and namespace else {}
