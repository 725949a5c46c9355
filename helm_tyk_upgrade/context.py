"""What a command works with: built once per run, each part made when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TextIO

# Every command loads this module before it knows what it needs: nothing else is imported at its start.
if TYPE_CHECKING:
    from pathlib import Path

    from helm_tyk_upgrade.cluster.client import Cluster
    from helm_tyk_upgrade.edge.clock import Clock
    from helm_tyk_upgrade.edge.http import Http
    from helm_tyk_upgrade.edge.process import Processes
    from helm_tyk_upgrade.helm.client import Helm
    from helm_tyk_upgrade.model.secrets import Masker


class Streams(NamedTuple):
    """The three streams of the process, or a test's."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO

    @property
    def interactive(self) -> bool:
        """Whether a question can be asked: design 4 wants stdin and stderr to be terminals."""
        return self.stdin.isatty() and self.stderr.isatty()


class Context:
    """The doors (processes, HTTP, clock, streams), the clients behind them and the folders in use."""

    def __init__(self, env: Mapping[str, str], streams: Streams, clock: Clock | None = None) -> None:
        self.env = dict(env)
        self.streams = streams
        if clock is not None:
            self.clock = clock

    @cached_property
    def clock(self) -> Clock:
        from helm_tyk_upgrade.edge.clock import Clock

        return Clock()

    @cached_property
    def masker(self) -> Masker:
        """The masker of this run: whoever learns a secret tells it, every view asks it."""
        from helm_tyk_upgrade.model.secrets import Masker

        masker = Masker()
        masker.learn([self.env.get("HELM_KUBETOKEN", "")])
        return masker

    @property
    def ci(self) -> bool:
        return bool(self.env.get("CI"))

    @property
    def debug(self) -> bool:
        return self.env.get("HELM_DEBUG", "").lower() in ("1", "true")

    @property
    def color(self) -> bool:
        """Colour for people only: a terminal on standard output, and nobody said NO_COLOR."""
        return (
            self.streams.stdout.isatty() and not self.env.get("NO_COLOR") and self.env.get("TERM") != "dumb"
        )

    @property
    def width(self) -> int:
        """Columns of the terminal; 80 where there is none, so that logs look the same everywhere."""
        if not self.streams.stdout.isatty():
            return 80
        try:
            return os.get_terminal_size(self.streams.stdout.fileno()).columns or 80
        except (OSError, ValueError):  # a terminal that does not know its size, as in some CI systems
            return 80

    @property
    def can_ask(self) -> bool:
        return self.streams.interactive and not self.ci

    @cached_property
    def namespace(self) -> str:
        """Helm's own order: flag, environment (both are HELM_NAMESPACE here), kubeconfig context, `default`."""
        if self.env.get("HELM_NAMESPACE"):
            return self.env["HELM_NAMESPACE"]
        from helm_tyk_upgrade.cluster.access import access_from_env

        return access_from_env(self.env).namespace

    @cached_property
    def processes(self) -> Processes:
        from helm_tyk_upgrade.edge.process import Processes

        return Processes(self.env)

    @cached_property
    def helm(self) -> Helm:
        from helm_tyk_upgrade.helm.client import Helm

        binary = self.env.get("HELM_BIN") or "helm"
        return Helm(self.processes, binary, masker=self.masker, memory=self.cache_folder)

    @cached_property
    def cluster(self) -> Cluster:
        from helm_tyk_upgrade.cluster.access import access_from_env
        from helm_tyk_upgrade.cluster.client import Cluster

        return Cluster(access_from_env(self.env), self.env)

    def http(self, ca_file: str = "") -> Http:
        from helm_tyk_upgrade.edge.http import Http

        return Http(ca_file=ca_file)

    @cached_property
    def cache_folder(self) -> Path:
        """Downloads that can be fetched again. Under Helm's cache, so that it moves with HELM_CACHE_HOME."""
        from pathlib import Path

        home = self.env.get("HELM_CACHE_HOME")
        if home:
            return Path(home) / "tyk-upgrade"
        from platformdirs import user_cache_path

        return user_cache_path("tyk-upgrade")

    @cached_property
    def state_folder(self) -> Path:
        """Journals and bundles: must not be lost."""
        from pathlib import Path

        if self.env.get("TYK_UPGRADE_STATE_DIR"):
            return Path(self.env["TYK_UPGRADE_STATE_DIR"])
        from platformdirs import user_state_path

        return user_state_path("tyk-upgrade")

    @property
    def runs_folder(self) -> Path:
        return self.state_folder / "runs"

    def bundle_folder(self, given: str = "") -> Path:
        """--bundle-dir, else $TYK_UPGRADE_BUNDLE_DIR, else beside the journals."""
        from pathlib import Path

        chosen = given or self.env.get("TYK_UPGRADE_BUNDLE_DIR", "")
        return Path(chosen) if chosen else self.state_folder / "bundles"

    def out(self, text: str) -> None:
        """The answer of a command: standard output."""
        print(text, file=self.streams.stdout)

    def say(self, text: str) -> None:
        """Everything that is not the answer: progress, warnings, errors. Where nobody listens any more, the exit code
        still tells."""
        with suppress(OSError):
            print(text, file=self.streams.stderr, flush=True)


def run_id(clock: Clock) -> str:
    """Sorts by time and is unique on a shared disk: `20261123-200435-1a2b3c`."""
    return f"{clock.now():%Y%m%d-%H%M%S}-{os.urandom(3).hex()}"
