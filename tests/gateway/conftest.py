"""The cluster fixtures of the neighbouring room: the proof is tested against real pods too."""

from __future__ import annotations

from tests.cluster.conftest import cluster, live_env, namespace

__all__ = ["cluster", "live_env", "namespace"]
