"""Whether a run may go on on another machine than the one it was begun on.

Whoever may write Secrets in the namespace could have written the record: it must not make this machine start a program,
send a file or write one that its own person would not expect.
"""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.intent import Intent
from helm_tyk_upgrade.store.bundle import find_bundle
from helm_tyk_upgrade.store.intents import KeptRun
from helm_tyk_upgrade.store.records import KeptRecord, reachable

HARMLESS = (
    "--skip-crds",
    "--disable-openapi-validation",
    "--no-hooks",
    "--skip-schema-validation",
    "--cleanup-on-fail",
    "--take-ownership",
)
"""Words for Helm that make it neither read nor start anything else."""
PLAIN = ("http://", "https://", "oci://")


def check_movable(kept: KeptRun, record: KeptRecord, context: Context) -> None:
    """Raises TykUpgradeError with the reason why the run can only go on where it was begun."""
    run = record.header.run
    reason = _stays(kept.intent) if kept.intent is not None else ""
    if not reason and kept.settings.restore_apis and not _whole_bundle(run, context):
        reason = "it posts API definitions again, and only the bundle on its own machine has them"
    if reason:
        raise TykUpgradeError(
            f"run {run} cannot go on on this machine: {reason}",
            "go on where it was begun; `helm tyk-upgrade rollback` goes back from here",
        )


def _stays(intent: Intent) -> str:
    if intent.flags.post_renderer:
        return f"its post-renderer {intent.flags.post_renderer} is a program of the machine it was begun on"
    if others := [word for word in intent.flags.passed if word not in HARMLESS]:
        return f"it was given {others[0].partition('=')[0]}, which may mean something else here"
    if any(flag == "--set-file" for flag, _ in intent.layers.sets):
        return "it reads a file that was given with --set-file"
    files = [item for item in intent.layers.documents if isinstance(item, str) and not _plain_url(item)]
    return f"it reads {files[0]}" if files else ""


def _plain_url(document: str) -> bool:
    """What Helm fetches itself: any other scheme starts a downloader plugin, which may read what is on this machine."""
    return document.lower().startswith(PLAIN)


def _whole_bundle(run: str, context: Context) -> bool:
    """Whether the machines share their bundles (TYK_UPGRADE_BUNDLE_DIR)."""
    try:
        return "from" not in find_bundle(context.bundle_folder(), run).facts
    except NotFound:
        return False


def not_here(kept: KeptRun) -> tuple[str, ...]:
    """The values files that the run edits and that are not in the present folder, by their paths."""
    if kept.intent is None:
        return ()
    return tuple(file.file for file in kept.intent.edited if not reachable(Path(file.file)))
