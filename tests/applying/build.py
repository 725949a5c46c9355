"""A run in a folder of the test's own: real journal, context and masker, a clock that does not wait, a cluster and a
Helm that answer as scripted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

from helm_tyk_upgrade.applying.intent import intent_of
from helm_tyk_upgrade.applying.run import Run
from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.edge.process import Child, Completed, Processes
from helm_tyk_upgrade.gateway.availability import Availability
from helm_tyk_upgrade.model.baseline import Baseline
from helm_tyk_upgrade.model.change import EditedFile, ManifestChanges, ValuesChanges
from helm_tyk_upgrade.model.chart import ChartArchive, Chosen
from helm_tyk_upgrade.model.hold import Attempt
from helm_tyk_upgrade.model.inputs import Layers, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.intent import WayBack
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import PodProof, StepResult
from helm_tyk_upgrade.model.plan import Plan, ValuesFile, ValuesInput
from helm_tyk_upgrade.model.pods import Evidence, Pod, Rollout, Workload
from helm_tyk_upgrade.model.release import HelmVersion, Release
from helm_tyk_upgrade.store.journal import RunHeader, create
from helm_tyk_upgrade.targets.bundle_contents import BundleContents
from helm_tyk_upgrade.targets.definitions import Restored
from helm_tyk_upgrade.targets.observation import Observation
from helm_tyk_upgrade.targets.proving import Expected
from helm_tyk_upgrade.targets.release import ReleaseTarget

RELEASE = Release("tyk", "apis", 3, "deployed", "tyk-oss", "2.2.0")
START = datetime(2026, 11, 23, 20, 4, 35, tzinfo=timezone.utc)


class StillClock(Clock):
    """Time passes only by sleeping."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


class Shown:
    """A Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step_began(self, name: str) -> None:
        self.lines.append(f"began {name}")

    def step_ended(self, name: str, result: StepResult, seconds: float) -> None:
        self.lines.append(f"ended {name} {result.status.value}")

    def pods(self, rows: Sequence[tuple[str, ...]], seconds_left: float | None = None) -> None:
        self.lines.append(f"pods {len(rows)}")

    def note(self, text: str) -> None:
        self.lines.append(text)


@dataclass
class Target:
    """The cluster's side of a run. `looks` are the observations in order; the last one stays. So with `looked_at` and
    the proofs, where it is given."""

    looks: list[Observation | Exception] = field(default_factory=list)
    attempts: list[Maybe[Attempt]] = field(default_factory=lambda: [Known(Attempt(True))])
    said: str = ""
    proofs: tuple[PodProof, ...] = ()
    looked_at: list[tuple[PodProof, ...] | Exception] = field(default_factory=list)
    counted: Availability | None = None
    unlock_error: Exception | None = None
    kept: bool = True
    lock_lost: bool = False
    watched: list[object] = field(default_factory=list)
    baseline: Baseline | Exception | None = None
    contents: BundleContents = field(default_factory=lambda: BundleContents([], {"revision": 3}, ()))
    restored: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    lease_name: str = "tyk-upgrade-tyk"
    vantage: str = "the test"
    cluster: Maybe[str] = field(default_factory=lambda: Known("u-1"))

    def lock(self, run: str) -> Maybe[Attempt]:
        """The attempts in order; the last one stays."""
        self.calls.append("lock")
        return self.attempts.pop(0) if len(self.attempts) > 1 else self.attempts[0]

    def unlock(self, run: str) -> bool:
        self.calls.append("unlock")
        if self.unlock_error is not None:
            raise self.unlock_error
        return self.kept

    def read_baseline(self, manifest: str) -> Baseline:
        if isinstance(self.baseline, Exception):
            raise self.baseline
        assert self.baseline is not None
        return self.baseline

    def cluster_identity(self) -> Maybe[str]:
        return self.cluster

    def bundle_contents(self, files: tuple[ValuesFile, ...]) -> BundleContents:
        self.calls.append(f"keep {[Path(file.path).name for file in files]}")
        return self.contents

    def restore_definitions(self, manifest: str, bundle: str) -> Restored:
        self.restored.append(bundle)
        return Restored(1, 1, ())

    def observe(self, manifest: str, grace: object = None, only: object = None) -> Observation:
        self.watched.append(only)
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, Exception):
            raise look
        return look

    def last_words(self, observed: Observation) -> str:
        return self.said

    def prove(self, manifest: str, expected: Expected) -> tuple[PodProof, ...]:
        self.expected.append(expected)
        if self.looked_at:
            proof = self.looked_at.pop(0) if len(self.looked_at) > 1 else self.looked_at[0]
            if isinstance(proof, Exception):
                raise proof
            return proof
        return self.proofs

    def start_meter(self, manifest: str, settings: RunSettings) -> Maybe[str]:
        self.calls.append("start_meter")
        return Known(self.vantage)

    def stop_meter(self) -> Availability | None:
        self.calls.append("stop_meter")
        counted, self.counted = self.counted, None
        return counted


class ScriptedChild:
    """A Helm that ends when the script says so: after `looks` waits, or once it is interrupted."""

    def __init__(self, argv: Sequence[str], code: int, out: bytes, err: bytes, *, waits: int = 0) -> None:
        self._completed = Completed(tuple(argv), code, out, err)
        self._waits = waits
        self.ended = False

    def wait(self, timeout: float | None = None) -> Completed | None:
        if timeout is None or self._waits <= 0:
            return self._completed
        self._waits -= 1
        return None

    def end(self, patience: float) -> Completed:
        self.ended = True
        return self._completed


class ScriptedHelm:
    """The process door. Answers by Helm's verb; a verb without an answer fails the test."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"version": b"v4.3.1"}
        self.started: list[list[str]] = []
        self.child: ScriptedChild | None = None

    def history(self, *revisions: tuple[int, str]) -> None:
        self.answers["history"] = history_answer(*revisions)

    def run(self, argv: Sequence[str], **given: Any) -> Completed:
        verb = next(word for word in argv[1:] if not word.startswith("-"))
        answer = self.answers[verb]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return Completed(tuple(argv), 0, answer, b"")

    def start(self, argv: Sequence[str], *, stdin: bytes | None = None, outlives: bool = False) -> Child:
        assert outlives == (argv[1] == "rollback"), "only a rollback is left alone when we die"
        self.started.append(list(argv))
        assert self.child is not None, f"the test has no child for {argv}"
        return cast(Child, self.child)

    def will(self, code: int, out: bytes = b"", err: bytes = b"", *, waits: int = 0) -> ScriptedChild:
        """What the next helm upgrade or rollback does."""
        self.child = ScriptedChild(["helm"], code, out, err, waits=waits)
        return self.child


def history_answer(*revisions: tuple[int, str], description: str = "", chart: str = "") -> bytes:
    """`helm history -o json`. description, chart: of the newest."""
    items: list[dict[str, Any]] = [{"revision": number, "status": status} for number, status in revisions]
    items[-1] |= {"description": description, "chart": chart}
    return json.dumps(items).encode()


def stored_answer(manifest: str = "", revision: int = 3) -> bytes:
    """`helm get all` under our template: texts in hex."""
    texts = {"name": "tyk", "namespace": "apis", "status": "deployed", "chart": "tyk-oss", "version": "2.2.0"}
    value: dict[str, Any] = {key: text.encode().hex() for key, text in texts.items()}
    value |= {
        "revision": revision,
        "apply": "",
        "values": {},
        "manifest": manifest.encode().hex(),
        "hooks": [],
    }
    return json.dumps(value).encode()


def plan(**changed: Any) -> Plan:
    values: dict[str, Any] = {
        "helm": HelmVersion("v4.3.1", 4, 3, 1),
        "release": RELEASE,
        "chart": Chosen("5.3.0", "newest stable"),
        "archive": ChartArchive("tyk-oss", "5.3.0", "/c/tyk-oss-5.3.0.tgz", "ab" * 32),
        "gateway_before": Known("5.3.8"),
        "gateway": Unknown("not asked"),
        "baseline": Unknown("not asked"),
        "values": ValuesInput("values.yaml", (), Layers(), {}),
        "values_changes": ValuesChanges((), (), (), (), ()),
        "objects": ManifestChanges((), 0),
        "manifest": "",
        "verdicts": (),
        "flags": UpgradeFlags(),
        "settings": RunSettings(),
        "rollback_to": 3,
    }
    return Plan(**{**values, **changed})


def edited(path: Path, after: bytes) -> tuple[ValuesFile, EditedFile]:
    """The file as it is now, and its planned bytes."""
    before = path.read_bytes()
    file = ValuesFile(str(path), before, sha256(before), 0o600)
    return file, EditedFile(str(path), before, after, sha256(before), ())


def editing(*pairs: tuple[ValuesFile, EditedFile]) -> Plan:
    files, edits = tuple(file for file, _ in pairs), tuple(edit for _, edit in pairs)
    return plan(
        values=ValuesInput("values.yaml", files, Layers(), {}),
        values_changes=ValuesChanges((), (), (), (), edits),
    )


@dataclass(frozen=True)
class Scene:
    """A run with everything around it that a test may look at."""

    run: Run
    target: Target
    helm: ScriptedHelm
    clock: StillClock
    shown: Shown
    context: Context


MakeScene = Callable[..., Scene]


def scene(
    folder: Path,
    *,
    intent: Plan | None = None,
    back: bool = False,
    settings: RunSettings | None = None,
    way_back: WayBack | None = None,
    env: Mapping[str, str] | None = None,
) -> Scene:
    """A fresh run of a plan, or (`back`) of a rollback."""
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    clock, helm, target, shown = StillClock(), ScriptedHelm(), Target(), Shown()
    context = Context(env or {}, streams, clock)
    context.__dict__["processes"] = cast(Processes, helm)
    chosen = None if back else intent or plan()
    header = RunHeader("run-1", "upgrade", "apis", "tyk", 3, "a", "b", "t", "1")
    edits = chosen.values_changes.edited_files if chosen else ()
    run = Run(
        context=context,
        release=RELEASE,
        settings=settings or RunSettings(),
        way_back=way_back or WayBack(3, edits, Known("5.3.8")),
        journal=create(folder / "runs", header),
        target=cast(ReleaseTarget, target),
        progress=shown,
        bundles=folder / "bundles",
        intent=None if chosen is None else intent_of(chosen),
    )
    return Scene(run, target, helm, clock, shown, context)


def pod(name: str, uid: str = "", *, ready: bool = True) -> Pod:
    return Pod(name, "apis", uid or name, "n", "Running", ready, (), "", "h", None, False)


def look(
    *pods: Pod, complete: bool = False, generation: int = 1, evidence: tuple[Evidence, ...] = ()
) -> Observation:
    """One Deployment with these new pods."""
    workload = Workload("Deployment", "apis", "gateway", "w", generation, generation, 1, 1, 1, 1, 1, ())
    why = "1 of 1 pods are new and available" if complete else "0 of 1 new pods are ready"
    return Observation((Rollout(workload, pods, (), complete, why),), evidence)


def doom(pod_name: str) -> Evidence:
    return Evidence("terminal", "image-not-found", pod_name, None, "manifest unknown")
