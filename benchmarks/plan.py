"""The plan: time to the object diff and of the whole plan against `helm diff upgrade`, growth, memory, parts.

Everything runs as a user runs it, through Helm's plugin entry, on the test cluster (scripts/testbed): a release of
tyk-oss 4.0.0, the chart 5.1.1 in the cache, changed values. Bars: the object diff with causes (`plan --only diff`)
takes at most as long as `helm diff upgrade`, the whole plan at most three times as long (medians of alternating runs);
the whole plan grows with an exponent of at most 1.2 from 100 to 1,000 objects (1 is linear; with fewer objects, what
every plan takes would hide it). helm-diff is the plugin in the folder that HELM_DIFF_PLUGIN names (3.15 or newer);
without it the first two bars are not judged.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.startup import find_helm, install
from benchmarks.values import exponent
from testbed.catalogue import Catalogue
from testbed.chart.package import build

ROOT = Path(__file__).resolve().parents[1]
RUNS, GROWTH_RUNS = 15, 3
DIFF_BAR, PLAN_BAR, GROWTH_BAR = 1.0, 3.0, 1.2
SIZES = (10, 30, 100, 300, 1_000)
FIXED_UNTIL = 100
OLD, NEW = "4.0.0", "5.1.1"
DONE = (0, 2, 3)
"""Exit codes of a plan that was made; 3: a check blocks."""
VALUES = """\
global:
  redis: {{addrs: ["redis.{namespace}.svc:6379"]}}
  secrets: {{APISecret: "{secret}"}}
tyk-gateway:
  gateway:
    replicaCount: {replicas}
    image: {{pullPolicy: Never}}
"""
CONFIG_MAPS = """\
{{- range $n, $_ := until (int .Values.count) }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $.Release.Name }}-{{ $n }}
  labels: {app.kubernetes.io/instance: {{ $.Release.Name }}, chart: {{ $.Chart.Name }}}
data:
  level: {{ mod $n 10 | eq 0 | ternary $.Values.level "low" }}
  text: |
    {{- range until 4 }}
    line {{ . }} of {{ $n }}
    {{- end }}
{{- end }}
"""


@dataclass(frozen=True)
class Stage:
    """Where everything runs. env: of Helm with both plugins; folder: charts and values files."""

    helm: str
    kubectl: str
    env: Mapping[str, str]
    folder: Path
    namespace: str
    python: str

    def call(self, *words: str) -> None:
        done = subprocess.run(
            words, env=dict(self.env), cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(words)}\n{done.stderr[-2000:]}")

    def timed(self, *words: str) -> float:
        """Milliseconds. A command that fails has no time worth knowing."""
        began = time.perf_counter()
        done = subprocess.run(
            words, env=dict(self.env), cwd=self.folder, capture_output=True, text=True, check=False
        )
        taken = (time.perf_counter() - began) * 1000
        if done.returncode not in DONE:
            raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
        return taken


@contextmanager
def staged(helm: str, folder: Path) -> Iterator[Stage]:
    """Both plugins, the test charts, a catalogue, a namespace with a Redis; all gone in the end."""
    testbed = str(ROOT / "scripts" / "testbed")
    up = subprocess.run([testbed, "up"], check=True, capture_output=True, text=True).stdout
    kubeconfig = re.findall(r"^export KUBECONFIG=(.+)$", up, re.MULTILINE)[-1].replace("\\", "")
    kubectl = subprocess.run([testbed, "kubectl"], check=True, capture_output=True, text=True).stdout.strip()
    env, _ = install(helm, folder)
    (python,) = folder.glob("cache/tyk-upgrade/*/bin/python")
    build(folder / "charts")
    namespace = f"bench-plan-{secrets.token_hex(3)}"
    with Catalogue(folder / "charts") as catalogue:
        env |= {"KUBECONFIG": kubeconfig, "TYK_UPGRADE_CATALOGUE": catalogue.hub_url}
        env |= {"TYK_UPGRADE_STATE_DIR": str(folder / "state")}
        stage = Stage(helm, kubectl, env, folder, namespace, str(python))
        stage.call(kubectl, "create", "namespace", namespace)
        try:
            stage.call(testbed, "redis", "up", namespace)
            yield stage
        finally:
            stage.call(kubectl, "delete", "namespace", namespace, "--wait=false")


def release(stage: Stage) -> None:
    """The Tyk release, healthy, and two values files: the one it was made with, and the changed one."""
    for name, replicas in (("old.yaml", 1), ("new.yaml", 2)):
        text = VALUES.format(namespace=stage.namespace, secret=secrets.token_hex(8), replicas=replicas)
        (stage.folder / name).write_text(text, encoding="utf-8")
    chart = f"charts/tyk-oss-{OLD}.tgz"
    stage.call(stage.helm, "install", "tyk", chart, "-n", stage.namespace, "-f", "old.yaml", "--wait")


def peer(folder: Path) -> tuple[str, str]:
    """(version of helm-diff, empty where it cannot be compared with; why not). It is put beside our plugin."""
    given = os.environ.get("HELM_DIFF_PLUGIN", "")
    if not given:
        return "", "HELM_DIFF_PLUGIN names no folder of helm-diff 3.15 or newer"
    found = re.search(
        r'^version:\s*"?v?(\d+)\.(\d+)\.(\d+)', (Path(given) / "plugin.yaml").read_text(), re.MULTILINE
    )
    if found is None or (int(found[1]), int(found[2])) < (3, 15):
        return "", f"{given} is no helm-diff 3.15 or newer"
    (folder / "data" / "plugins" / "helm-diff").symlink_to(Path(given).resolve(), target_is_directory=True)
    return ".".join(found.groups()), ""


def times(stage: Stage, runs: int, with_peer: bool) -> dict[str, list[float]]:
    """Milliseconds of each command, taken in turns so that a busy moment of the machine meets all of them."""
    ours = [
        stage.helm,
        "tyk-upgrade",
        "plan",
        "tyk",
        "-n",
        stage.namespace,
        "-f",
        "new.yaml",
        "--version",
        NEW,
    ]
    commands = {"plan --only diff": [*ours, "--only", "diff"], "plan": ours}
    if with_peer:
        chart = f"charts/tyk-oss-{NEW}.tgz"
        commands["helm diff upgrade"] = [
            stage.helm, "diff", "upgrade", "tyk", chart, "-n", stage.namespace, "-f", "new.yaml", "--reset-values"
        ]  # fmt: skip
    for command in commands.values():
        stage.timed(*command)  # the first run fills the caches
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(stage.timed(*command))
    return taken


# Growth


def many(stage: Stage, size: int) -> None:
    """A release of so many ConfigMaps, and a chart folder under which every tenth of them changes."""
    for version, level in (("1.0.0", "low"), ("1.1.0", "high")):
        root = stage.folder / f"many-{version}" / "many"
        (root / "templates").mkdir(parents=True, exist_ok=True)
        (root / "Chart.yaml").write_text(
            f"apiVersion: v2\nname: many\nversion: {version}\n", encoding="utf-8"
        )
        (root / "values.yaml").write_text(f"count: 10\nlevel: {level}\n", encoding="utf-8")
        (root / "templates" / "maps.yaml").write_text(CONFIG_MAPS, encoding="utf-8")
    (stage.folder / f"many-{size}.yaml").write_text(f"count: {size}\n", encoding="utf-8")
    stage.call(
        stage.helm, "install", f"many-{size}", "many-1.0.0/many", "-n", stage.namespace, "-f", f"many-{size}.yaml"
    )  # fmt: skip


def growth(stage: Stage) -> list[tuple[int, float]]:
    """Objects and milliseconds of the whole plan; the least disturbed of a few runs."""
    points = []
    for size in SIZES:
        many(stage, size)
        command = (
            stage.helm, "tyk-upgrade", "plan", f"many-{size}", "-n", stage.namespace,
            "-f", f"many-{size}.yaml", "--chart", "./many-1.1.0/many",
        )  # fmt: skip
        points.append((size, min(stage.timed(*command) for _ in range(GROWTH_RUNS))))
        stage.call(stage.helm, "uninstall", f"many-{size}", "-n", stage.namespace, "--wait=false")
    return points


# The parts of the time, and memory

_SPANS = """\
import json, sys, time
began = float(sys.argv.pop(1))
spans = [("Python starts", began, time.time())]
from helm_tyk_upgrade import cli
from helm_tyk_upgrade.edge.process import Processes
from helm_tyk_upgrade.verbs import show
import helm_tyk_upgrade.planning.gather as gathering

def spanned(holder, attribute, name):
    inner = getattr(holder, attribute)
    def outer(*given, **named):
        start = time.time()
        try:
            return inner(*given, **named)
        finally:
            spans.append((name(given), start, time.time()))
    setattr(holder, attribute, outer)

spanned(Processes, "run", lambda given: "helm " + " ".join(given[1][1:3 if given[1][1] == "get" else 2]))
spanned(gathering, "gather", lambda given: "all questions")
spanned(show, "show_plan", lambda given: "show")
spans.append(("load", spans[0][2], time.time()))
code = cli.main(sys.argv[1:])
ended = time.time()
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
found = {"code": code, "began": began, "ended": ended, "spans": spans, "peak_kib": int((peak or [0])[0])}
print(json.dumps(found), file=sys.stderr)
"""


def parts(stage: Stage, *only: str) -> dict[str, Any]:
    """One plan in a Python of its own: [from, to] in milliseconds of each part, and the most memory of that Python."""
    env = {
        **stage.env,
        "HELM_BIN": stage.helm,
        "HELM_NAMESPACE": stage.namespace,
        "PYTHONPATH": f"{Path(stage.python).parents[1] / 'packages'}:{ROOT}",
    }
    words = ["plan", "tyk", "-f", "new.yaml", "--version", NEW, *only]
    done = subprocess.run(
        [stage.python, "-S", "-c", _SPANS, str(time.time()), *words],
        env=env, cwd=stage.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not done.stderr.strip().startswith("{") and '{"code"' not in done.stderr:
        raise SystemExit(done.stderr[-2000:])
    found = json.loads(done.stderr[done.stderr.index('{"code"') :])
    zero = found["began"]
    spans = [
        (name, round((start - zero) * 1000), round((end - zero) * 1000))
        for name, start, end in found["spans"]
    ]
    total = round((found["ended"] - zero) * 1000)
    return {
        "total_ms": total,
        "memory_mib": round(found["peak_kib"] / 1024, 1),
        "spans": sorted(spans, key=lambda s: s[1]),
    }


# What was found


def plot(points: list[tuple[int, float]]) -> str:
    """The growth as an SVG, both axes logarithmic, with a straight proportion for comparison."""
    width, height, left, bottom, top = 640, 360, 70, 50, 40

    most, least = max(ms for _, ms in points) * 1.3, min(ms for _, ms in points) / 1.3

    def place(size: float, ms: float) -> tuple[float, float]:
        across = math.log(size / SIZES[0]) / math.log(SIZES[-1] / SIZES[0])
        up = math.log(ms / least) / math.log(most / least)
        return left + across * (width - left - 30), height - bottom - up * (height - bottom - top)

    def text(x: float, y: float, words: str, anchor: str = "middle") -> str:
        return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
    marks = [
        f'<circle cx="{place(*one)[0]:.1f}" cy="{place(*one)[1]:.1f}" r="4" fill="#1f6feb"/>'
        for one in points
    ]
    labels = [text(place(size, least)[0], height - 30, f"{size:,}") for size, _ in points]
    labels += [text(*_above(place(*one)), f"{one[1] / 1000:.1f} s") for one in points]
    (x0, y0), (x1, y1) = place(*points[0]), place(points[-1][0], points[-1][1])
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="sans-serif" font-size="12" fill="#24292f" role="img">',
            "<title>Time of a whole plan by number of objects</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            text(width / 2, 20, "A whole plan with its checks, by number of objects (both axes logarithmic)"),
            f'<path fill="none" stroke="#57606a" d="M{left} {top}V{height - bottom}H{width - 30}"/>',
            f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="#b6c2cf" stroke-dasharray="4"/>',
            f'<polyline points="{line}" fill="none" stroke="#1f6feb"/>',
            *marks,
            *labels,
            text(width / 2, height - 10, "objects"),
            "</svg>\n",
        ]
    )


def _above(point: tuple[float, float]) -> tuple[float, float]:
    return point[0], point[1] - 10


def judged(medians: Mapping[str, float], why_not: str, points: list[tuple[int, float]]) -> dict[str, Any]:
    """The last line. ok is None where the peer is absent and no other bar is missed."""
    grown_from = [point for point in points if point[0] >= FIXED_UNTIL]
    slope = round(exponent(grown_from), 2) if points else None
    result: dict[str, Any] = {
        "name": "plan --only diff / helm diff upgrade",
        "unit": "ratio",
        "bar": DIFF_BAR,
    }
    grown = slope is None or slope <= GROWTH_BAR
    if why_not:
        result |= {"value": None, "plan_ratio": None, "ok": None if grown else False, "reason": why_not}
    else:
        theirs = medians["helm diff upgrade"]
        diff, whole = medians["plan --only diff"] / theirs, medians["plan"] / theirs
        result |= {"value": round(diff, 2), "plan_ratio": round(whole, 2)}
        result["ok"] = diff <= DIFF_BAR and whole <= PLAN_BAR and grown
    result |= {"plan_ratio_bar": PLAN_BAR, "growth": slope, "growth_bar": GROWTH_BAR}
    return result | {"medians_ms": {name: round(median) for name, median in medians.items()}}


def told(
    result: Mapping[str, Any], measured: Mapping[str, Any], points: list[tuple[int, float]], runs: int
) -> None:
    """What was measured, for a person."""
    print(f"median of {runs} alternating runs:")
    for name, median in result["medians_ms"].items():
        print(f"  {name:<20}{median:>7} ms")
    if result["value"] is None:
        print(f"not compared: {result['reason']}")
    else:
        print(f"plan --only diff / helm diff upgrade: {result['value']} (bar {DIFF_BAR})")
        print(f"plan / helm diff upgrade: {result['plan_ratio']} (bar {PLAN_BAR})")
    for name, part in measured.items():
        print(f"parts of {name}, {part['total_ms']} ms in all, at most {part['memory_mib']} MiB of memory:")
        for span, start, end in part["spans"]:
            print(f"  {start:>6} to {end:>6} ms  {span}")
    if points:
        print(f"growth of the whole plan: exponent {result['growth']} (bar {GROWTH_BAR})")
    for size, taken in points:
        print(f"  {size:>6,} objects {taken:>8.0f} ms")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Benchmark of the plan")
    parser.add_argument("--plot", type=Path, help="write the growth as an SVG here (docs/plan-growth.svg)")
    parser.add_argument("--no-growth", action="store_true", help="leave out the growth to 1,000 objects")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"of each command, in turns (default: {RUNS})")
    options = parser.parse_args(argv)
    helm = find_helm()
    with tempfile.TemporaryDirectory() as name, staged(shutil.which(helm) or helm, Path(name)) as stage:
        version, why_not = peer(Path(name))
        release(stage)
        medians = {
            what: statistics.median(taken)
            for what, taken in times(stage, options.runs, bool(version)).items()
        }
        measured = {
            what: parts(stage, *only)
            for what, only in (("plan --only diff", ("--only", "diff")), ("plan", ()))
        }
        points = [] if options.no_growth else growth(stage)
    result = judged(medians, why_not, points)
    result |= {"helm_diff": version, "memory_mib": measured["plan"]["memory_mib"]}
    result["points"] = [(size, round(taken)) for size, taken in points]
    if options.plot and points:
        options.plot.write_text(plot(points), encoding="utf-8")
    told(result, measured, points, options.runs)
    print(json.dumps(result))
    return 1 if result["ok"] is False else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
