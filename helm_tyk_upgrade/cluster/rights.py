"""May we? The question and the answer of a SelfSubjectAccessReview. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helm_tyk_upgrade.model.known import Known, Maybe, Unknown


def question(verb: str, group: str, resource: str, namespace: str, name: str) -> dict[str, Any]:
    plural, _, subresource = resource.partition("/")
    asked = {
        "verb": verb,
        "group": group,
        "resource": plural,
        "subresource": subresource,
        "namespace": namespace,
        "name": name,
    }
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": {},
        "spec": {"resourceAttributes": {key: value for key, value in asked.items() if value}},
    }


def answer(review: Mapping[str, Any]) -> Maybe[bool]:
    status = review.get("status") or {}
    if status.get("allowed"):
        return Known(True)
    if status.get("evaluationError"):  # e.g. one of several authorizers did not answer: no is not certain
        return Unknown(str(status["evaluationError"]))
    return Known(False)
