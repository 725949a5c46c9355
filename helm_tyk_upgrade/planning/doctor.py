"""Questions about the environment, each answered on its own: one that fails does not hide the next."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from helm_tyk_upgrade import __version__
from helm_tyk_upgrade.charts.source import source_of
from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.model.verdict import Status, Verdict, failed, not_applicable, passed, unknown
from helm_tyk_upgrade.planning.chart_facts import catalogue
from helm_tyk_upgrade.targets.release import ReleaseTarget


def examine(context: Context, *, override: str, ca_file: str, bundle_dir: str) -> tuple[Verdict, ...]:
    """In the order in which one thing needs the other. Never raises for what it finds."""
    helm, cluster = helm_found(context), cluster_found(context)
    asks: list[Callable[[], Verdict]] = [
        lambda: releases_found(context, helm, cluster),
        lambda: permissions_found(context, cluster),
        lambda: catalogue_found(context, override, ca_file),
        lambda: folder_found("bundles", context.bundle_folder(bundle_dir)),
        lambda: folder_found("journals", context.runs_folder),
    ]
    return (tool_found(), helm, cluster, *(ask() for ask in asks))


def tool_found() -> Verdict:
    system = f"{platform.system()} {platform.machine()}"
    return passed(
        "tool",
        f"helm-tyk-upgrade {__version__}, Python {platform.python_version()}, {system}",
        sys.executable,
    )


def helm_found(context: Context) -> Verdict:
    try:
        return passed("helm", f"{context.helm.version()}", context.helm.binary)
    except TykUpgradeError as error:
        return failed("helm", error.message, hint=error.hint)


def cluster_found(context: Context) -> Verdict:
    try:
        access = context.cluster.access
        version = context.cluster.server_version()
        return passed(
            "cluster", f"Kubernetes {version}", f"{access.server}, context {access.context or 'none'}"
        )
    except TykUpgradeError as error:
        return failed("cluster", error.message, hint=error.hint)


def releases_found(context: Context, helm: Verdict, cluster: Verdict) -> Verdict:
    if Status.FAIL in (helm.status, cluster.status):
        return unknown("releases", "Helm or the cluster cannot be asked")
    try:
        found = [item for item in context.helm.releases(context.namespace) if item.is_tyk or item.is_legacy]
    except TykUpgradeError as error:
        return unknown("releases", error.message, hint=error.hint)
    lines = [
        f"{item.name}: {item.chart} {item.chart_version}, revision {item.revision}, {item.status}"
        for item in found
    ]
    if not lines:
        return not_applicable("releases", f"namespace {context.namespace} has no Tyk release")
    return passed("releases", f"{len(lines)} Tyk releases", *lines)


def permissions_found(context: Context, cluster: Verdict) -> Verdict:
    if cluster.status is Status.FAIL:
        return unknown("permissions", "the cluster cannot be asked")
    anything = Release("", context.namespace, 0, "", "", "")
    asked = ReleaseTarget(context, anything).permissions()
    denied = [str(item) for item in asked if isinstance(item.allowed, Known) and not item.allowed.value]
    if denied:
        return failed(
            "permissions", f"not allowed: {', '.join(denied)}", hint="an upgrade needs these rights"
        )
    unsure = [item.allowed.reason for item in asked if isinstance(item.allowed, Unknown)]
    if unsure:
        return unknown("permissions", unsure[0])
    return passed("permissions", f"all {len(asked)} rights that an upgrade needs are there")


def catalogue_found(context: Context, override: str, ca_file: str) -> Verdict:
    try:
        known = catalogue(context, override=override, ca_file=ca_file).versions(source_of("tyk-oss"))
    except TykUpgradeError as error:
        return failed("catalogue", error.message, hint=error.hint)
    newest = known.versions[0].version if known.versions else "nothing"
    return passed("catalogue", f"{known.source} answers; newest tyk-oss: {newest}", *known.notes)


def folder_found(check: str, folder: Path) -> Verdict:
    """Whether files could be written there; the folder need not exist yet."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if os.access(existing, os.W_OK | os.X_OK):
        return passed(check, f"can be kept in {folder}")
    return failed(
        check, f"{existing} is not writable", hint="set --bundle-dir, or TYK_UPGRADE_STATE_DIR for both"
    )
