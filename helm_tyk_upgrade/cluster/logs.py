"""Container logs: what is asked, and what a refusal means."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from helm_tyk_upgrade.cluster.refusals import ApiRefused
from helm_tyk_upgrade.errors import NotFound

LIMIT = 1 << 20
"""Bytes read at most, unless asked otherwise."""


def query(container: str, previous: bool, tail: int | None, since: int | None, limit: int) -> dict[str, str]:
    """The parameters of `pods/NAME/log`. since: seconds, at least 1 (the server refuses 0)."""
    asked = {"container": container, "limitBytes": str(limit)}
    if previous:
        asked["previous"] = "true"
    if tail is not None:
        asked["tailLines"] = str(tail)
    if since is not None:
        asked["sinceSeconds"] = str(max(1, since))
    return asked


@contextlib.contextmanager
def translated(pod: str, container: str) -> Iterator[None]:
    """The server answers 400 for a log that is not there: no earlier container, or one that did not start
    yet."""
    try:
        yield
    except ApiRefused as error:
        if error.code == 400 and (
            "previous terminated container" in error.message or "is waiting to start" in error.message
        ):
            raise NotFound(f"container {container} of pod {pod} has no such log: {error.message}") from error
        raise


def found(text: str, pod: str, container: str) -> str:
    """The log itself. Raises NotFound for what the kubelet writes, with a 200, in place of one that is removed
    already (pkg/kubelet/kuberuntime/kuberuntime_container.go)."""
    if text.startswith("unable to retrieve container logs for "):
        raise NotFound(f"the log of {pod}/{container} is removed already")
    return text
