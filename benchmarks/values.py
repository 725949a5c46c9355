"""Edits of a values file: time, exactness, memory and growth, against ruamel.yaml's round trip in the
same run.

Bars: 20 edits in 4,000 lines within 100 ms and at least 10 times faster than ruamel.yaml, every edit
byte-exact,
growth from 1,000 to 100,000 lines with an exponent of at most 1.2 (1 is linear, 2 quadratic). Exit code
1 where one is missed. The input is made
here, of constructs that real chart defaults mix; what a byte-exact result is, is known from the making.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.helmyaml import Document, parse_path

BAR_MS, BAR_TIMES, BAR_GROWTH = 100.0, 10.0, 1.2
LINES, EDITS = 4_000, 20
SIZES = (1_000, 4_000, 10_000, 25_000, 50_000, 100_000)
SECTION = """\
# -- Whether service{n} runs, and how.
service{n}:
  enabled: true   # set to false to leave it out
  image:
    repository: "docker.example/service{n}"
    tag: v1.2.{n}
    pullPolicy: IfNotPresent
  # Annotations of the pods, for example:
  #   prometheus.io/scrape: "true"
  podAnnotations: {{}}
  replicas: 2

  extraEnvs:
    - name: SERVICE_MODE
      value: 'standard'
    # the second one is optional
    - name: SERVICE_PORT
      value: "8080"
  tolerations:
  - key: dedicated
    operator: "Exists"
  affinity: ~
  nodeSelector:
  resources: {{ limits: {{ cpu: 500m }} }}
  config: |
    [server]

    threads = 4
  legacy: old
"""
# Habits of real files; each but "even" is one that a dumper evens out.
EVEN_LISTS = {"  - key": "    - key", '    operator: "E': '      operator: "E'}
EVEN_NULLS = {"y: ~": "y: {}", "nodeSelector:": "nodeSelector: {}"}
EVEN_BRACES = {"{ limits: { cpu: 500m } }": "{limits: {cpu: 500m}}"}
HABITS = {
    "even": EVEN_LISTS | EVEN_NULLS | EVEN_BRACES,
    "lists at their key's column": EVEN_NULLS | EVEN_BRACES,
    "several spellings of null": EVEN_LISTS | EVEN_BRACES,
    "spaces inside braces": EVEN_LISTS | EVEN_NULLS,
    "all of them": {},
}
SECTION_LINES = SECTION.count("\n")


@dataclass(frozen=True)
class Case:
    """One edit: by our editor, by ruamel.yaml on its loaded tree, and as the exact change of the text."""

    path: str
    ours: Callable[[Document], None]
    theirs: Callable[[Any], None]
    old: str
    new: str


def made(lines: int) -> str:
    """A values file of about so many lines."""
    return "".join(SECTION.format(n=number) for number in range(1, lines // SECTION_LINES + 2))


def case(kind: int, n: int) -> Case:
    """Edit number `kind` (0 to 4) in section n."""
    name = f"service{n}"
    if kind == 0:
        path = parse_path(f"{name}.image.tag")
        line = f"    tag: v1.2.{n}\n"
        return Case(
            name,
            lambda document: document.set(path, "v5.9.1"),
            lambda tree: tree[name]["image"].__setitem__("tag", "v5.9.1"),
            line,
            "    tag: v5.9.1\n",
        )
    if kind == 1:
        return _set_item(name)
    if kind == 2:
        return Case(
            name,
            lambda document: document.insert((name, "image"), "digest", "sha256", "tag"),
            lambda tree: tree[name]["image"].insert(2, "digest", "sha256"),
            f"    tag: v1.2.{n}\n",
            f"    tag: v1.2.{n}\n    digest: sha256\n",
        )
    if kind == 3:
        return Case(
            name,
            lambda document: document.delete((name, "legacy")),
            lambda tree: tree[name].__delitem__("legacy"),
            "  legacy: old\n",
            "",
        )
    return Case(
        name,
        lambda document: document.rename((name, "replicas"), "replicaCount"),
        lambda tree: _renamed(tree[name], "replicas", "replicaCount"),
        "  replicas: 2\n",
        "  replicaCount: 2\n",
    )


def _set_item(name: str) -> Case:
    return Case(
        name,
        lambda document: document.set(parse_path(f"{name}.extraEnvs[name=SERVICE_PORT].value"), "yes"),
        lambda tree: tree[name]["extraEnvs"][1].__setitem__("value", "yes"),
        '      value: "8080"\n',
        '      value: "yes"\n',
    )


def _renamed(tree: Any, old: str, new: str) -> None:
    at = list(tree).index(old)
    tree.insert(at, new, tree.pop(old))


def edits(lines: int, count: int = EDITS) -> list[Case]:
    """Edits of every kind, spread evenly over the file."""
    sections = lines // SECTION_LINES
    return [case(number % 5, 1 + number * (sections - 1) // count) for number in range(count)]


def exact(text: str, chosen: list[Case]) -> bytes:
    """The text after the edits, by the way it was made."""
    for one in chosen:
        start = text.index(f"\n{one.path}:\n")
        at = text.index(one.old, start)
        text = text[:at] + one.new + text[at + len(one.old) :]
    return text.encode()


def ours(data: bytes, chosen: list[Case]) -> bytes:
    document = Document(data)
    for one in chosen:
        one.ours(document)
    return document.commit()


def theirs(data: bytes, chosen: list[Case]) -> bytes:
    """ruamel.yaml's round trip with its settings tuned to the file."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(data)
    for one in chosen:
        one.theirs(tree)
    out = io.BytesIO()
    yaml.dump(tree, out)
    return out.getvalue()


def milliseconds(run: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return min(taken)  # the least disturbed run


def exact_share(edit: Callable[[bytes, list[Case]], bytes], lines: int = 200) -> float:
    """The percentage of edits, each alone in a file of each habit, whose result is right to the byte."""
    right = tried = 0
    for changes in HABITS.values():
        text = made(lines)
        for old, new in changes.items():
            text = text.replace(old, new)
        for number in range(EDITS):
            chosen = [case(number % 5, 1 + number // 5)]
            right += edit(text.encode(), chosen) == exact(text, chosen)
            tried += 1
    return round(100.0 * right / tried, 1)


def _grown(engine: str, data: bytes, answer: Any) -> None:
    edit = {"ours": ours, "theirs": theirs}[engine]
    edit(made(200).encode(), [])  # imports do not count
    before = peak_kib()
    edit(data, edits(LINES))
    answer.put((peak_kib() - before) / 1024)


def peak_kib() -> int:
    """This process's own peak of resident memory; getrusage would start from the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (
            line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM")
        )
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def memory(engine: str) -> float:
    """How many MiB a fresh process grows by for the 20 edits."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    child = context.Process(target=_grown, args=(engine, made(LINES).encode(), answer))
    child.start()
    value = float(answer.get(timeout=120))
    child.join()
    return value


def growth() -> list[tuple[int, float]]:
    """Lines and milliseconds of the 20 edits, for each size."""
    points = []
    for size in SIZES:
        data, chosen = made(size).encode(), edits(size)
        points.append((size, milliseconds(lambda d=data, c=chosen: ours(d, c), 3)))  # type: ignore[misc]
    return points


def exponent(points: list[tuple[int, float]]) -> float:
    """The slope of log(time) over log(lines), by least squares."""
    xs, ys = zip(*((math.log(size), math.log(ms)) for size, ms in points), strict=True)
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return float(slope / sum((x - x_mean) ** 2 for x in xs))


def plot(points: list[tuple[int, float]]) -> str:
    """The growth as an SVG, with a straight line from nothing to the last point for comparison."""
    width, height, left, bottom = 640, 360, 70, 50
    most_lines, most_ms = points[-1][0], max(ms for _, ms in points) * 1.1

    def place(lines: float, ms: float) -> tuple[float, float]:
        x = left + lines / most_lines * (width - left - 30)
        return x, height - bottom - ms / most_ms * (height - bottom - 40)

    def text(x: float, y: float, words: str, anchor: str = "middle") -> str:
        return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'

    corner, right, top = place(0, 0), place(most_lines, 0), place(0, most_ms)
    (x0, y0), (x1, y1) = corner, place(*points[-1])
    marks = "".join(
        f'<circle cx="{place(*one)[0]:.1f}" cy="{place(*one)[1]:.1f}" r="4" fill="#1f6feb"/>'
        for one in points
    )
    labels = [text(place(size, 0)[0], height - 30, f"{size:,}") for size, _ in points if size >= 10_000]
    step = 10 ** (len(str(int(most_ms))) - 1)
    labels += [text(left - 8, place(0, ms)[1] + 4, str(ms), "end") for ms in range(0, int(most_ms) + 1, step)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="sans-serif" font-size="12" fill="#24292f" role="img">',
            "<title>Time of 20 edits by file size</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            text(width / 2, 20, "20 edits of a values file: parse, edit, read back, compare (ms)"),
            f'<path fill="none" stroke="#57606a" '
            f'd="M{top[0]:.1f} {top[1]:.1f}V{corner[1]:.1f}H{right[0]:.1f}"/>',
            f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="#b6c2cf" stroke-dasharray="4"/>',
            marks,
            *labels,
            text(width / 2, height - 10, "lines of the file (dashed: a straight line to the last point)"),
            "</svg>\n",
        ]
    )


def measure() -> dict[str, Any]:
    """Every number of this benchmark."""
    text, chosen = made(LINES), edits(LINES)
    data = text.encode()
    if ours(data, chosen) != exact(text, chosen):
        raise SystemExit("the 20 edits in one batch did not give the exact bytes")
    taken = {engine: round(memory(engine), 1) for engine in ("ours", "theirs")}
    points = growth()
    ours_ms, ruamel_ms = (
        milliseconds(lambda: ours(data, chosen), 7),
        milliseconds(lambda: theirs(data, chosen), 3),
    )
    return {
        "name": "values: 20 edits in 4,000 lines",
        "value": round(ours_ms, 1),
        "unit": "ms",
        "bar": BAR_MS,
        "ruamel_ms": round(ruamel_ms, 1),
        "times_faster": round(ruamel_ms / ours_ms, 1),
        "exact_percent": exact_share(ours),
        "ruamel_exact_percent": exact_share(theirs),
        "memory_mib": taken["ours"],
        "ruamel_memory_mib": taken["theirs"],
        "growth": round(exponent(points), 2),
        "points": [(size, round(ms, 1)) for size, ms in points],
    }


def passed(numbers: dict[str, Any]) -> bool:
    return bool(
        numbers["value"] <= BAR_MS
        and numbers["times_faster"] >= BAR_TIMES
        and numbers["exact_percent"] == 100.0
        and numbers["growth"] <= BAR_GROWTH
    )


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Benchmark of values file edits")
    parser.add_argument("--plot", type=Path, help="write the growth as an SVG here (docs/values-growth.svg)")
    options = parser.parse_args(argv)
    numbers = measure()
    numbers["ok"] = passed(numbers)
    if options.plot:
        options.plot.write_text(plot(numbers["points"]), encoding="utf-8")
    print(f"20 edits in 4,000 lines: {numbers['value']} ms (bar {BAR_MS:.0f} ms), ", end="")
    print(f"ruamel.yaml {numbers['ruamel_ms']} ms: {numbers['times_faster']} times (bar {BAR_TIMES:.0f})")
    print(f"byte-exact edits: {numbers['exact_percent']} %, ruamel.yaml {numbers['ruamel_exact_percent']} %")
    print(f"memory: {numbers['memory_mib']} MiB, ruamel.yaml {numbers['ruamel_memory_mib']} MiB")
    print(f"growth to 100,000 lines: exponent {numbers['growth']} (bar {BAR_GROWTH})")
    for size, ms in numbers["points"]:
        print(f"  {size:>7,} lines {ms:>8} ms")
    print(json.dumps(numbers))
    return 0 if numbers["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
