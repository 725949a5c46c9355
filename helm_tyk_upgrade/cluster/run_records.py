"""The records of runs in the cluster: one Secret a run, beside its release, so that another machine can go on.

Answers are asked for as metadata only: the record of a run is sent often and read rarely. A write is tried once and
within seconds: the journal on disk is the one that a run waits for.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from helm_tyk_upgrade.cluster.client import FIELD_MANAGER, Cluster
from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable, refusal
from helm_tyk_upgrade.cluster.transport import VERBATIM
from helm_tyk_upgrade.errors import ClusterError

TYPE = "tyk-upgrade/run"
MANAGED_BY = "app.kubernetes.io/managed-by"
OURS = "tyk-upgrade"
RELEASE, RUN = "tyk-upgrade/release", "tyk-upgrade/run"
PATIENCE = 2.0
"""Seconds that a run waits for its record to be written."""
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_READING = httpx2.Timeout(5.0)


@dataclass(frozen=True)
class Record:
    """One record. version: what the API server compares when it is written again; notes: annotations, by their names
    without our prefix; data: empty where only the metadata were asked for."""

    release: str
    run: str
    version: str
    notes: Mapping[str, str]
    data: Mapping[str, bytes] = field(default_factory=dict, repr=False)


class RunRecords:
    """The records in one namespace. Every method raises ClusterError; NotFound where the record is not there."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._may_patch = True

    def list(self, release: str = "") -> tuple[Record, ...]:
        """The records of a release (of all, where none is named), oldest first, without their data."""
        labels = {MANAGED_BY: OURS} | ({RELEASE: release} if release else {})
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        answer = self._read("", _METADATA_LIST, {"labelSelector": selector})
        items = answer.get("items") or []  # an empty list comes as null
        if "items" not in answer or not isinstance(items, list):
            raise ClusterError("the API server's list of run records is not understood")
        return tuple(sorted((_parsed(item) for item in items if _is_run(item)), key=lambda item: item.run))

    def read(self, release: str, run: str) -> Record:
        return _parsed(self._read(_name(release, run), "application/json", {}))

    def metadata(self, release: str, run: str) -> Record:
        return _parsed(self._read(_name(release, run), _METADATA, {}))

    def create(self, record: Record) -> str:
        """The new record's version. One that exists is an ApiRefused with reason AlreadyExists."""
        return self._write("POST", "", self._manifest(record))

    def change(self, record: Record, changed: Mapping[str, bytes]) -> str:
        """Write the notes and `changed` of the data where the cluster still has `record.version`; the new version. A
        lost race is an ApiRefused with reason Conflict. An identity that may update but not patch sends the whole."""
        if self._may_patch:
            try:
                return self._write("PATCH", _name(record.release, record.run), _patch(record, changed))
            except ApiRefused as error:
                if error.code != 403:
                    raise
                self._may_patch = False
        return self._write("PUT", _name(record.release, record.run), self._manifest(record))

    def delete(self, record: Record) -> None:
        """Where the cluster still has this version of it."""
        precondition = {"apiVersion": "v1", "kind": "DeleteOptions"}
        self._write(
            "DELETE",
            _name(record.release, record.run),
            precondition | {"preconditions": {"resourceVersion": record.version}},
        )

    def _manifest(self, record: Record) -> dict[str, Any]:
        metadata: dict[str, Any] = {
            "name": _name(record.release, record.run),
            "namespace": self._namespace,
            "labels": {MANAGED_BY: OURS, RELEASE: record.release, RUN: record.run},
            "annotations": _annotations(record.notes),
        }
        if record.version:
            metadata["resourceVersion"] = record.version
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": TYPE,
            "metadata": metadata,
            "data": _encoded(record.data),
        }

    def _path(self, name: str) -> str:
        path = f"api/v1/namespaces/{self._namespace}/secrets"
        return f"{path}/{name}" if name else path

    def _read(self, name: str, accept: str, query: Mapping[str, str]) -> dict[str, Any]:
        response = self._cluster.http.get(
            self._path(name), params=dict(query), headers={"Accept": accept}, timeout=_READING
        )
        return _object(response.content)

    def _write(self, method: str, name: str, body: Mapping[str, Any]) -> str:
        merge = "application/merge-patch+json" if method == "PATCH" else "application/json"
        try:
            response = self._cluster.http.request(
                method,
                self._path(name),
                params={} if method == "DELETE" else {"fieldManager": FIELD_MANAGER},
                content=json.dumps(body).encode(),
                headers={"Accept": _METADATA, "Content-Type": merge},
                timeout=httpx2.Timeout(PATIENCE),
                extensions={VERBATIM: True},
            )
        except httpx2.TransportError as error:  # while the answer was read
            raise Unreachable("the API server's answer was cut off", "check the network") from error
        if response.status_code >= 400:
            # What was sent never is in the words: a server may quote it.
            raise refusal(response.status_code, response.content, f"{method} the run's Secret {name}".strip())
        return str((_object(response.content).get("metadata") or {}).get("resourceVersion", ""))


def _name(release: str, run: str) -> str:
    """Helm's release names have at most 53 characters, a Secret's name 253."""
    return f"tyk-upgrade-{release}-{run}"


def _patch(record: Record, changed: Mapping[str, bytes]) -> dict[str, Any]:
    metadata = {"resourceVersion": record.version, "annotations": _annotations(record.notes)}
    return {"metadata": metadata, "data": _encoded(changed)}


def _annotations(notes: Mapping[str, str]) -> dict[str, str]:
    return {f"{OURS}/{name}": value for name, value in notes.items()}


def _encoded(data: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(value).decode() for name, value in data.items()}


def _is_run(item: Any) -> bool:
    return RUN in _metadata(item).get("labels", {})


def _metadata(item: Any) -> dict[str, Any]:
    found = item.get("metadata") if isinstance(item, dict) else None
    return found if isinstance(found, dict) else {}


def _parsed(item: dict[str, Any]) -> Record:
    metadata = _metadata(item)
    labels, notes = metadata.get("labels") or {}, metadata.get("annotations") or {}
    try:
        data = {name: base64.b64decode(text) for name, text in (item.get("data") or {}).items()}
        return Record(
            str(labels[RELEASE]),
            str(labels[RUN]),
            str(metadata["resourceVersion"]),
            {name.removeprefix(f"{OURS}/"): str(text) for name, text in notes.items()},
            data,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ClusterError(
            f"the Secret {metadata.get('name')} is no record of a run", "somebody changed it; delete it"
        ) from error


def _object(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise ClusterError("the API server's answer for a run's Secret is not understood") from error
    return document if isinstance(document, dict) else {}
