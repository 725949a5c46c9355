"""What the program says when it cannot go on, and the exit codes of docs/exit-codes.md."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command; pipelines branch on them, so a number never changes its meaning."""

    OK = 0
    """Done and proven, or nothing to do."""
    ERROR = 1
    """An error before anything was changed; usage errors included."""
    CHANGES_PENDING = 2
    """Only with --detailed-exitcode: the plan would change something."""
    BLOCKED = 3
    """A failing check blocks the run; nothing was changed."""
    ROLLED_BACK = 4
    """The upgrade failed, was rolled back, and the rollback is proven."""
    NOT_HEALTHY = 5
    """Failed and not proven healthy, or an internal error after the first change."""
    INCONCLUSIVE = 6
    """The upgrade is done but the proof could not be completed."""
    SIGHUP = 129
    SIGINT = 130
    SIGTERM = 143


class TykUpgradeError(Exception):
    """An expected failure. `message` says what happened and with which object, `hint` what to do next."""

    def __init__(self, message: str, hint: str = "", *, exit_code: Exit = Exit.ERROR) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


class UsageError(TykUpgradeError):
    """The command line asks for something that does not exist or does not fit together."""


class ClusterError(TykUpgradeError):
    """The API server said no or did not answer."""


class HelmError(TykUpgradeError):
    """A helm command failed. `stderr` holds Helm's own words, already masked and escaped."""

    def __init__(self, message: str, hint: str = "", *, stderr: str = "", returncode: int = 1) -> None:
        super().__init__(message, hint)
        self.stderr = stderr
        self.returncode = returncode


class CatalogueError(TykUpgradeError):
    """A catalogue (Artifact Hub, a chart repository) gave no usable answer."""


class NotFound(TykUpgradeError):
    """The named thing does not exist; nothing is wrong with the connection."""
