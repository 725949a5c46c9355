"""The words given to Helm, for majors 3 and 4. Pure: names every flag of Helm that this program uses.

Values travel on standard input (`-f -`) or as the user's own files. The user's own `--set*` words were on our
command line already, so they go on to Helm as they are; nothing else that may hold a secret is ever put here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.model.chart import ChartSource
from helm_tyk_upgrade.model.inputs import Trust, UpgradeFlags
from helm_tyk_upgrade.model.release import ApplyMethod

SET_FLAGS = ("--set", "--set-string", "--set-file", "--set-json", "--set-literal")
REFUSED = {
    "--install": "this program upgrades releases that exist; install with helm install",
    "-i": "this program upgrades releases that exist; install with helm install",
    "--reuse-values": "it keeps the old chart's defaults, the old image tag among them (helm/helm#9653)",
    "--reset-then-reuse-values": "all user values are given to Helm anyway; see --keep-release-values",
}
"""Flags of `helm upgrade` that contradict what this program promises, with the reason."""

_HELM_4_ONLY = {"--force-conflicts", "--server-side", "--rollback-on-failure", "--force-replace"}
_STRATEGIES = ("", "true", "false", "watcher", "legacy", "hookOnly")
# Go's time.ParseDuration, without a sign. https://pkg.go.dev/time#ParseDuration
_DURATION = re.compile(r"0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+")
_FOR_ROLLBACK = ("--no-hooks", "--cleanup-on-fail")
_NOT_FOR_TEMPLATE = {
    "--history-max",
    "--cleanup-on-fail",
    "--take-ownership",
    "--server-side",
    "--force-conflicts",
}


def version() -> list[str]:
    return ["version", "--template", "{{.Version}}"]


def list_releases(namespace: str | None) -> list[str]:
    """All releases that are or may become current, in one namespace or (None) in all.

    The states are named because the majors differ in what they leave out by default. Sorted by Helm by name.
    """
    where = ["--all-namespaces"] if namespace is None else ["--namespace", namespace]
    return ["list", *where, "--deployed", "--failed", "--pending", "--max", "0", "-o", "json"]


def metadata(name: str, namespace: str, revision: int | None = None) -> list[str]:
    return ["get", "metadata", name, "--namespace", namespace, *_revision(revision), "-o", "json"]


def history(name: str, namespace: str, most: int = 256) -> list[str]:
    return ["history", name, "--namespace", namespace, "--max", str(most), "-o", "json"]


def stored(name: str, namespace: str, template: str, revision: int | None = None) -> list[str]:
    return ["get", "all", name, "--namespace", namespace, *_revision(revision), "--template", template]


def pull(source: ChartSource, version: str, folder: str, trust: Trust) -> list[str]:
    return ["pull", *_chart(source, version), "--destination", folder, *_trust(trust)]


def show_values(chart: str) -> list[str]:
    return ["show", "values", chart]


def repositories() -> list[str]:
    return ["repo", "list", "-o", "json"]


def search(reference: str) -> list[str]:
    """Every version of REPO/NAME in the index that Helm has on disk, prereleases included."""
    return ["search", "repo", reference, "--versions", "--devel", "--max-col-width", "0", "-o", "json"]


def template(
    name: str,
    namespace: str,
    chart: str,
    documents: Sequence[str],
    sets: Iterable[tuple[str, str]] = (),
    *,
    kube_version: str = "",
    api_versions: Iterable[str] = (),
    flags: UpgradeFlags | None = None,
) -> list[str]:
    """A render without a cluster. The majors assume different Kubernetes versions, so give one."""
    words = ["template", name, chart, "--namespace", namespace, "--is-upgrade", *_values(documents, sets)]
    if kube_version:
        words += ["--kube-version", kube_version]
    for api_version in api_versions:
        words += ["--api-versions", api_version]
    if flags is not None:
        words += _post_renderer(flags) + _without(flags.passed, _NOT_FOR_TEMPLATE)
    return words


def render(
    name: str,
    namespace: str,
    chart: str,
    documents: Sequence[str],
    sets: Iterable[tuple[str, str]] = (),
    flags: UpgradeFlags | None = None,
    *,
    validate: bool = True,
) -> list[str]:
    """What the upgrade would store, rendered by Helm against the cluster; nothing is changed."""
    words = [*_upgrade(name, namespace, chart, documents, sets, flags), "--dry-run=server"]
    return words if validate else [*words, "--disable-openapi-validation"]


def upgrade(
    name: str,
    namespace: str,
    chart: str,
    documents: Sequence[str],
    sets: Iterable[tuple[str, str]],
    flags: UpgradeFlags,
    *,
    major: int,
    apply_method: ApplyMethod,
) -> list[str]:
    """The upgrade itself. Raises UsageError for flags that this Helm or this release cannot honour: Helm
    finds that out only after the pre-upgrade hooks ran and a failed revision is stored."""
    check(flags, major, apply_method)
    words = _upgrade(name, namespace, chart, documents, sets, flags)
    words += _waiting(flags)
    if flags.history_max is not None:
        words += ["--history-max", str(flags.history_max)]
    if flags.force_conflicts:
        words.append("--force-conflicts")
    return words


def rollback(name: str, namespace: str, revision: int, flags: UpgradeFlags) -> list[str]:
    """Back to a revision. Helm 4 takes the apply method of that revision by itself."""
    words = ["rollback", name, str(revision), "--namespace", namespace, *_waiting(flags)]
    if flags.history_max is not None:
        words += ["--history-max", str(flags.history_max)]
    return words + [word for word in flags.passed if word in _FOR_ROLLBACK]


def test(name: str, namespace: str, timeout: str = "") -> list[str]:
    return ["test", name, "--namespace", namespace, *(["--timeout", timeout] if timeout else [])]


def _upgrade(
    name: str,
    namespace: str,
    chart: str,
    documents: Sequence[str],
    sets: Iterable[tuple[str, str]],
    flags: UpgradeFlags | None,
) -> list[str]:
    flags = flags or UpgradeFlags()
    words = ["upgrade", name, chart, "--namespace", namespace, "--reset-values", "-o", "json"]
    words += _values(documents, sets)
    for flag, value in (("--description", flags.description), ("--labels", flags.labels)):
        if value:
            words += [flag, value]
    return words + _post_renderer(flags) + list(flags.passed)


def _values(documents: Sequence[str], sets: Iterable[tuple[str, str]]) -> list[str]:
    words: list[str] = []
    for document in documents:
        words += ["--values", document]
    for flag, value in sets:
        if flag not in SET_FLAGS:
            raise UsageError(f"{flag} is no flag that sets values", f"Helm has {', '.join(SET_FLAGS)}")
        words += [flag, value]
    return words


def _waiting(flags: UpgradeFlags) -> list[str]:
    words: list[str] = []
    if flags.wait:
        # The bare flag means the same in both majors; a strategy is known to Helm 4 only.
        words.append("--wait" if flags.wait == "true" else f"--wait={flags.wait}")
    if flags.wait_for_jobs:
        words.append("--wait-for-jobs")
    if flags.timeout:
        words += ["--timeout", flags.timeout]
    return words


def _post_renderer(flags: UpgradeFlags) -> list[str]:
    if not flags.post_renderer:
        return []
    words = ["--post-renderer", flags.post_renderer]
    for word in flags.post_renderer_args:
        words += ["--post-renderer-args", word]
    return words


def _trust(trust: Trust) -> list[str]:
    words = ["--ca-file", trust.ca_file] if trust.ca_file else []
    words += ["--verify"] if trust.verify else []
    words += ["--keyring", trust.keyring] if trust.keyring else []
    return words + (["--devel"] if trust.devel else [])


def _chart(source: ChartSource, version: str) -> list[str]:
    words = [source.reference]
    if source.repository:
        words += ["--repo", source.repository]
    return words + (["--version", version] if version else [])


def _revision(revision: int | None) -> list[str]:
    return [] if revision is None else ["--revision", str(revision)]


def _without(words: Sequence[str], flags: set[str]) -> list[str]:
    """The words without those flags; a value of theirs must be glued on with `=`, or the flag be a switch."""
    return [word for word in words if word.split("=", 1)[0] not in flags]


def check(flags: UpgradeFlags, major: int, apply_method: ApplyMethod) -> None:
    """Raises UsageError for flags that this Helm or this release cannot honour."""
    if flags.timeout and not _DURATION.fullmatch(flags.timeout):
        raise UsageError(f"--timeout {flags.timeout}: that is no duration for Helm", "try 5m0s or 90s")
    given = {word.split("=", 1)[0] for word in flags.passed}
    if flags.force_conflicts:
        given.add("--force-conflicts")
    for flag in sorted(given & set(REFUSED)):
        raise UsageError(f"{flag} cannot be used here", REFUSED[flag])
    if major < 4:
        if unknown := sorted(given & _HELM_4_ONLY):
            raise UsageError(f"{unknown[0]} needs Helm 4", "leave it out, or use Helm 4")
        if flags.wait not in ("", "true", "false"):
            raise UsageError(f"--wait={flags.wait} needs Helm 4", "Helm 3 knows only --wait")
        return
    if flags.wait not in _STRATEGIES:
        raise UsageError(f"--wait={flags.wait}: Helm has no such strategy", "use watcher, legacy or hookOnly")
    _check_apply(flags, given, apply_method)


def _check_apply(flags: UpgradeFlags, given: set[str], apply_method: ApplyMethod) -> None:
    server_side = apply_method == "server-side apply"
    chosen = next((word.partition("=")[2] for word in flags.passed if word.startswith("--server-side=")), "")
    server_side = chosen == "true" if chosen in ("true", "false") else server_side
    if server_side and given & {"--force", "--force-replace"}:
        raise UsageError(
            "the release is applied server-side, so objects cannot be force-replaced",
            "leave --force out; for conflicts with other managers use --force-conflicts",
        )
    if not server_side and "--force-conflicts" in given:
        raise UsageError(
            "--force-conflicts works only with server-side apply, and this release is applied client-side",
            "leave it out: client-side apply has no conflicts",
        )
