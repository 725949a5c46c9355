"""The rights a run needs, by what it does. Source: Helm's and our own calls, watched on the API server."""

from __future__ import annotations

READING = (
    ("list", "apps", "deployments"),
    ("list", "apps", "replicasets"),
    ("list", "", "pods"),
    ("get", "", "pods/log"),
    ("get", "", "pods/portforward"),
    ("create", "", "pods/portforward"),
    ("get", "", "secrets"),
    ("list", "", "secrets"),
    ("list", "", "events"),
)
CHANGING = (
    ("create", "", "secrets"),
    ("update", "", "secrets"),
    ("delete", "", "secrets"),
    ("patch", "apps", "deployments"),
    ("patch", "", "services"),
)
"""Helm keeps its releases in Secrets, deletes old ones, and patches what the chart renders."""
