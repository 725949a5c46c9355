"""A release that is pending cannot be planned for: Helm renders nothing for it. What can be told instead is who works
on it, and what to do."""

from __future__ import annotations

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit, TykUpgradeError
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.stuck import Advice
from helm_tyk_upgrade.targets.stuck import stuck


def refuse_pending(context: Context, release: Release) -> None:
    """Raises TykUpgradeError (exit code 3) with the evidence for a release that is pending. It is watched for some
    seconds; any other release costs nothing."""
    if not release.pending:
        return
    advice = stuck(context, context.runs_folder, release)
    if advice is None:  # it came to its end meanwhile
        raise TykUpgradeError(f"{release} was {release.status} a moment ago", "run the command again")
    raise TykUpgradeError(
        f"revision {release.revision} of {release} is {release.status}: {advice.reason} "
        f"({'; '.join(advice.evidence)})",
        _hint(advice, release),
        exit_code=Exit.BLOCKED,
    )


def _hint(advice: Advice, release: Release) -> str:
    unlock = f"helm tyk-upgrade unlock {release.name} -n {release.namespace}"
    return {
        "free": f"`{unlock}` frees it by `{advice.command}`",
        "resume": f"`{advice.command}` goes on with it",
        "unknown": f"`{unlock}` looks again; if the process behind it is gone, `{advice.command}` frees it",
    }.get(advice.action, f"wait for it; `{unlock}` looks again")
