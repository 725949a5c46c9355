"""What the user gave for Helm: values and flags, with Helm's own names and meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

from helm_tyk_upgrade.model.pods import EvidenceClass


@dataclass(frozen=True)
class Layers:
    """What the user gave as values, lowest precedence first.

    documents: paths and URLs as given with -f (text), or the bytes of a values document that is in no file.
    sets: pairs of a --set flag and its value, as the user gave them; they win over all documents, in the order
    of Helm (which reads all --set-json first, then --set, --set-string, --set-file, --set-literal).
    """

    documents: tuple[str | bytes, ...] = field(default=(), repr=False)
    sets: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def in_memory(self) -> tuple[bytes, ...]:
        return tuple(document for document in self.documents if isinstance(document, bytes))


@dataclass(frozen=True)
class UpgradeFlags:
    """Flags of `helm upgrade` that the user may set; empty means Helm's own default.

    wait: "" (not given), "true", or a strategy of Helm 4 (`watcher`, `legacy`, `hookOnly`).
    timeout: a Go duration (`5m0s`). labels: `key=value,...`. post_renderer_args: one word each.
    passed: any other words for `helm upgrade`, honoured by plan and run alike.
    """

    wait: str = ""
    wait_for_jobs: bool = False
    timeout: str = ""
    history_max: int | None = None
    force_conflicts: bool = False
    description: str = ""
    labels: str = ""
    post_renderer: str = ""
    post_renderer_args: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trust:
    """Flags that say which servers and archives are trusted. Used wherever Helm fetches a chart."""

    ca_file: str = ""
    verify: bool = False
    keyring: str = ""
    devel: bool = False


@dataclass(frozen=True)
class RunSettings:
    """How to carry the plan out: the user's choices, after defaults. Times in seconds.

    grace: (class of evidence, seconds) after which waiting evidence decides; probe_url: where an authoritative
    availability meter sends its requests, empty for the API server's service proxy; rate: requests a second.
    soak: how long the proof is repeated before the run counts as done. max_lost, max_lost_percent, max_gap: what the
    meter may count at most, None for no budget. ca_file: CA bundle for probe_url. lock_wait: how long to wait
    for a release that another run holds.
    """

    rollout_timeout: float = 300.0
    proof_timeout: float = 120.0
    consecutive: int = 1
    interval: float = 2.0
    rollback: bool = True
    restore_apis: bool = False
    expect_version: str = ""
    grace: tuple[tuple[EvidenceClass, float], ...] = ()
    probe_url: str = ""
    rate: float = 10.0
    soak: float = 0.0
    max_lost: int | None = None
    max_lost_percent: float | None = None
    max_gap: float | None = None
    ca_file: str = ""
    lock_wait: float = 0.0

    @property
    def has_budget(self) -> bool:
        return any(limit is not None for limit in (self.max_lost, self.max_lost_percent, self.max_gap))


@dataclass(frozen=True)
class Capabilities:
    """Of the Kubernetes that charts are rendered for without asking one; api_versions: beside those Helm knows."""

    kube_version: str
    api_versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offline:
    """A plan without a cluster. start: version or path of the chart that runs; documents: the values files that it runs
    with, empty for the same as the new ones."""

    start: str
    documents: tuple[str, ...]
    capabilities: Capabilities


@dataclass(frozen=True)
class Request:
    """What the user asked for: the input of planning."""

    release: str
    version: str
    gateway_version: str
    chart: str
    repo: str
    catalogue: str
    trust: Trust
    layers: Layers
    keep_release_values: bool
    write: bool
    policies: tuple[str, ...]
    flags: UpgradeFlags
    settings: RunSettings
