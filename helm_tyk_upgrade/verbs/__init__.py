"""The commands. Each module has add_arguments(parser) and run(args, context) -> exit code; loaded when called."""

from __future__ import annotations

VERBS: dict[str, str] = {
    "upgrade": "upgrade a Tyk release, prove it, roll back when it fails",
    "plan": "show what an upgrade would do; change nothing",
    "apply": "carry out a saved plan exactly, or refuse",
    "values": "what a chart version means for each of your values; edit the files; no cluster",
    "verify": "prove that the running gateway is healthy",
    "backup": "keep a bundle: values files, release, gateway definitions; list, show, restore",
    "rollback": "go back to what a run started from, with the same proof",
    "versions": "published chart and gateway versions, their support and known faults",
    "resume": "go on with a run that was cut off",
    "unlock": "free a release that is stuck in pending-*, from evidence; or a lease left behind",
    "runs": "the journals of earlier runs",
    "doctor": "check the environment: Helm, cluster, permissions, catalogue",
    "version": "print the version of this program",
    "completion": "print a completion script for the shell",
}
"""Command -> one line of help. The module has the command's name."""
