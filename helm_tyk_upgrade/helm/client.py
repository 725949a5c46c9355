"""The verbs of Helm, as the user's own binary does them."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.edge.process import Child, Completed, Processes
from helm_tyk_upgrade.errors import HelmError, NotFound, TykUpgradeError
from helm_tyk_upgrade.helm import argv, parse
from helm_tyk_upgrade.helm.errors import helm_error
from helm_tyk_upgrade.helm.known_binary import recall, remember
from helm_tyk_upgrade.helm.pipes import pipes
from helm_tyk_upgrade.model.chart import ChartSource, ChartVersion
from helm_tyk_upgrade.model.inputs import Layers, Trust, UpgradeFlags
from helm_tyk_upgrade.model.release import ApplyMethod, HelmVersion, Release, Rendered, Revision, Stored
from helm_tyk_upgrade.model.secrets import Masker

OLDEST = (3, 13)
READ_TIMEOUT = 120.0


class Helm:
    """One Helm binary with one environment (that of `processes`: HELM_KUBECONTEXT, KUBECONFIG, HELM_DRIVER,
    ...).

    Every method that fails raises HelmError with Helm's words masked by `masker`, or NotFound; a Helm that
    is not there or does not answer in time raises TykUpgradeError. Methods that only read may be called
    side by side.
    """

    def __init__(
        self,
        processes: Processes,
        binary: str = "helm",
        *,
        masker: Masker | None = None,
        memory: Path | None = None,
    ) -> None:
        """memory: a folder in which the versions of binaries are kept from run to run."""
        # Resolved once: HELM_BIN is what the user typed, often relative, and Helm may have to run elsewhere.
        self.binary = shutil.which(binary) or binary
        self._processes = processes
        self._masker = masker or Masker()
        self._memory = memory
        self._version: HelmVersion | None = None
        self._asking = threading.Lock()

    def version(self) -> HelmVersion:
        """Asked once. Raises TykUpgradeError for a Helm older than 3.13."""
        with self._asking:
            if self._version is None:
                self._version = self._recalled() or self._asked_version()
            return self._version

    def _recalled(self) -> HelmVersion | None:
        said = recall(self._memory, self.binary) if self._memory else ""
        return parse.helm_version(said.encode()) if said else None

    def _asked_version(self) -> HelmVersion:
        try:
            done = self._processes.run([self.binary, *argv.version()], timeout=30)
        except TykUpgradeError as error:
            raise TykUpgradeError(
                f"helm cannot be started: {error.message}", "install Helm, or set HELM_BIN to its path"
            ) from error
        found = parse.helm_version(self._checked(done, "version", "").stdout)
        if (found.major, found.minor) < OLDEST:
            raise TykUpgradeError(
                f"Helm {found} is too old",
                "3.13 or newer is needed: older ones cannot dry-run on the server",
            )
        if self._memory:
            remember(self._memory, self.binary, found.text)
        return found

    def releases(self, namespace: str | None) -> tuple[Release, ...]:
        """Releases of a namespace, or of all (None). apply_method is empty: Helm's list does not tell it."""
        words = argv.list_releases(namespace)
        return parse.releases(self._read(words, "list", namespace or "all namespaces"))

    def release(self, name: str, namespace: str, revision: int | None = None) -> Release:
        """Raises NotFound that names the releases which exist there."""
        words = argv.metadata(name, namespace, revision)
        try:
            return parse.metadata(self._read(words, "get metadata", f"{namespace}/{name}"))
        except NotFound as error:
            raise self._not_found(name, namespace, error) from error

    def metadata(self, name: str, namespace: str, revision: int | None = None) -> dict[str, Any]:
        """Everything that `helm get metadata` tells of a revision, as Helm writes it."""
        words = argv.metadata(name, namespace, revision)
        return parse.metadata_document(self._read(words, "get metadata", f"{namespace}/{name}"))

    def history(self, name: str, namespace: str) -> tuple[Revision, ...]:
        """Oldest first."""
        return parse.history(self._read(argv.history(name, namespace), "history", f"{namespace}/{name}"))

    def stored(self, name: str, namespace: str, revision: int | None = None) -> Stored:
        """Release, user values, manifest and hooks of one revision (None: the newest), read in one call so
        that they belong together. The secrets among the values are made known to the masker."""
        words = argv.stored(name, namespace, parse.stored_template(self.version().major), revision)
        try:
            found = parse.stored(self._read(words, "get all", f"{namespace}/{name}"))
        except NotFound as error:
            raise self._not_found(name, namespace, error) from error
        self._masker.learn_tree(found.values)
        return found

    def render(
        self,
        name: str,
        namespace: str,
        chart: str,
        layers: Layers,
        flags: UpgradeFlags | None = None,
        *,
        validate: bool = True,
    ) -> Rendered:
        """What `helm upgrade` would store, with the cluster's help (`lookup`, capabilities); nothing
        changes. validate: let Helm hold it against the API server's schema too, which takes it twice as long."""
        with self._documents(layers) as (documents, stdin):
            words = argv.render(name, namespace, chart, documents, layers.sets, flags, validate=validate)
            return parse.rendered(self._read(words, "upgrade --dry-run=server", f"{namespace}/{name}", stdin))

    def template(
        self,
        name: str,
        namespace: str,
        chart: str,
        layers: Layers,
        *,
        kube_version: str = "",
        api_versions: Sequence[str] = (),
        flags: UpgradeFlags | None = None,
    ) -> str:
        """The manifest rendered without a cluster, hooks among the documents."""
        with self._documents(layers) as (documents, stdin):
            words = argv.template(
                name,
                namespace,
                chart,
                documents,
                layers.sets,
                kube_version=kube_version,
                api_versions=api_versions,
                flags=flags,
            )
            return self._read(words, "template", chart, stdin).decode("utf-8", "replace")

    def upgrade(
        self,
        name: str,
        namespace: str,
        chart: str,
        layers: Layers,
        flags: UpgradeFlags,
        apply_method: ApplyMethod = "",
    ) -> Child:
        """Starts the upgrade and returns at once: the caller watches, and reads `upgraded(child.wait())`.

        Documents in memory stay readable until it has ended. Raises UsageError for flags that cannot be honoured.
        """
        major = self.version().major
        with ExitStack() as while_it_runs:
            documents, stdin = while_it_runs.enter_context(self._documents(layers))
            words = argv.upgrade(
                name, namespace, chart, documents, layers.sets, flags, major=major, apply_method=apply_method
            )
            child = self._processes.start([self.binary, *words], stdin=stdin)
            if len(layers.in_memory) > 1:
                _close_after(child, while_it_runs.pop_all())
        return child

    def check_flags(self, flags: UpgradeFlags, apply_method: ApplyMethod = "") -> None:
        """Raises UsageError for flags with which upgrade() would refuse to start: planning asks before anything is
        agreed to."""
        argv.check(flags, self.version().major, apply_method)

    def rollback(self, name: str, namespace: str, revision: int, flags: UpgradeFlags | None = None) -> Child:
        """Starts the rollback to a revision and returns at once; read `succeeded(child.wait(), ...)`. It goes on when
        we are killed: Helm cannot break one off (no version handles SIGTERM there), left alone it ends well."""
        words = argv.rollback(name, namespace, revision, flags or UpgradeFlags())
        return self._processes.start([self.binary, *words], outlives=True)

    def test(self, name: str, namespace: str, timeout: str = "") -> Child:
        """Starts `helm test` of the release."""
        return self._processes.start([self.binary, *argv.test(name, namespace, timeout)])

    def upgraded(self, done: Completed, subject: str) -> Rendered:
        """The result of an upgrade child that ended. Raises HelmError. What really happened to the release is
        told by history(), not by the exit code alone."""
        try:
            return parse.rendered(self._checked(done, "upgrade", subject).stdout)
        except NotFound as error:  # it was there when the upgrade began: this says how the upgrade failed
            raise HelmError(
                f"helm upgrade {subject}: {error.message}", error.hint, returncode=done.returncode
            ) from error

    def succeeded(self, done: Completed, verb: str, subject: str) -> None:
        """Raises HelmError when the child failed."""
        self._checked(done, verb, subject)

    def pull(self, source: ChartSource, version: str, folder: Path, trust: Trust | None = None) -> Path:
        """Download one chart archive into an empty folder and return its path. Helm's credentials hold."""
        words = argv.pull(source, version, str(folder), trust or Trust())
        self._read(words, "pull", f"{source.reference} {version}".strip())
        archives = sorted(folder.glob("*.tgz"))
        if len(archives) != 1:
            raise HelmError(f"helm pull {source.reference}: no archive was written")
        return archives[0]

    def show_values(self, chart: str) -> bytes:
        """The chart's own values.yaml, comments kept; of an umbrella without its subcharts' defaults."""
        return self._read(argv.show_values(chart), "show values", chart)

    def repositories(self) -> dict[str, str]:
        """Name -> URL of the repositories that Helm knows; empty when there are none."""
        try:
            return parse.repositories(self._read(argv.repositories(), "repo list", ""))
        except HelmError as error:
            if "no repositories" in error.stderr:
                return {}
            raise

    def search(self, reference: str) -> tuple[ChartVersion, ...]:
        """The versions of REPO/NAME in the index on disk, as fresh as the last `helm repo update`."""
        return parse.search(self._read(argv.search(reference), "search repo", reference), reference)

    def side_by_side(self, *questions: Any) -> list[Any]:
        """Ask several questions (callables without arguments) at once; answers in order. The first error
        found in that order is raised."""
        with ThreadPoolExecutor(max_workers=max(1, len(questions))) as pool:
            return [future.result() for future in [pool.submit(question) for question in questions]]

    @contextmanager
    def _documents(self, layers: Layers) -> Iterator[tuple[list[str], bytes | None]]:
        """The words for -f, and what goes to standard input: the first document in memory; more go by
        pipes."""
        first, rest = (layers.in_memory[:1], layers.in_memory[1:])
        with pipes(rest) as paths:
            names = iter(["-", *paths] if first else [])
            yield (
                [next(names) if isinstance(document, bytes) else document for document in layers.documents],
                first[0] if first else None,
            )

    def _read(self, words: Sequence[str], verb: str, subject: str, stdin: bytes | None = None) -> bytes:
        done = self._processes.run([self.binary, *words], stdin=stdin, timeout=READ_TIMEOUT)
        return self._checked(done, verb, subject).stdout

    def _checked(self, done: Completed, verb: str, subject: str) -> Completed:
        if done.returncode != 0:
            raise helm_error(verb, subject, done.stdout, done.stderr, done.returncode, self._masker)
        return done

    def _not_found(self, name: str, namespace: str, error: NotFound) -> NotFound:
        """Names what does exist, in that namespace or elsewhere, where the identity may list it."""
        try:
            here = self.releases(namespace)
        except TykUpgradeError:
            return error
        names = ", ".join(release.name for release in here) or "none"
        return NotFound(
            f"release {namespace}/{name} does not exist",
            f"releases in {namespace}: {names}; give another --namespace, or see helm list --all-namespaces",
        )


def _close_after(child: Child, pipes_of_it: ExitStack) -> None:
    """Take the pipes away once the child has ended, whoever waits for it."""

    def close() -> None:
        child.wait()
        pipes_of_it.close()

    threading.Thread(target=close, name="pipes", daemon=True).start()


def values_document(values: dict[str, Any]) -> bytes:
    """Values as a document for Helm's standard input: JSON, which is YAML that needs no quoting rules.

    Go's YAML knows no surrogate pairs, so text stays UTF-8; and it refuses control characters that JSON
    allows unescaped, so those are escaped.
    """
    text = json.dumps(values, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode() + b"\n"


_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
