"""The judge against the history of the published charts: each pair of neighbouring versions of tyk-oss 1.0.0 to 5.3.0,
rebuilt from the survey of their values, with a file that overrides each key ever renamed, removed or re-defaulted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.helm.client import values_document
from helm_tyk_upgrade.model.version import compare
from tests.values_verb.conftest import Values

SURVEY = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "tyk-values-changes.json"
COMPONENTS = ("tyk-gateway", "tyk-pump")
RENAMED = {
    "tyk-gateway.gateway.tls.useDefaultTykCertificate": "1.1.0",
    "global.redis.sslMinVersion": "1.4.0",
    "global.redis.sslMaxVersion": "1.4.0",
}
"""The curated renames of tyk-oss, with the chart version."""
UNKNOWN = "was there"
"""The survey tells the values of keys that changed or went away; any other key has some value."""

pytestmark = [
    pytest.mark.helm,
    pytest.mark.skipif(not SURVEY.is_file(), reason="no survey beside the repository"),
]


@lru_cache(maxsize=1)
def survey() -> dict[str, Any]:
    data = json.loads(SURVEY.read_text())
    assert isinstance(data, dict)
    return data


@dataclass
class State:
    """A chart as of one version: key -> default, and the values paths that its templates read."""

    defaults: dict[str, Any] = field(default_factory=dict)
    refs: set[str] = field(default_factory=set)


@lru_cache(maxsize=8)
def history(chart: str) -> dict[str, State]:
    """Version -> state, oldest first: the initial row plus and minus the deltas."""
    now, found = State(), {}
    rows = survey()["charts"][chart]
    changed = {key for row in rows for key in row.get("default_changed", {})}
    for row in rows:
        now = State(dict(now.defaults), set(now.refs))
        for key in row.get("removed", ()):
            now.defaults = {path: value for path, value in now.defaults.items() if not under(path, key)}
        for key in (*row.get("values_keys_initial", ()), *row.get("added", ())):
            now.defaults |= {path: UNKNOWN for path in (key, *changed) if under(path, key)}
        for key, (_, new) in row.get("default_changed", {}).items():
            now.defaults[key] = new
        now.refs -= set(row.get("template_refs_removed", ()))
        now.refs |= {*row.get("template_refs_initial", ()), *row.get("template_refs_added", ())}
        found[row["version"]] = now
    for row in reversed(rows):  # a value before its first change or its removal
        for key, value in (
            *((key, old) for key, (old, _) in row.get("default_changed", {}).items()),
            *row.get("removed_defaults", {}).items(),
        ):
            for version, state in found.items():
                if is_before(chart, version, row["version"]) and state.defaults.get(key) == UNKNOWN:
                    state.defaults[key] = value
    return found


def is_before(chart: str, one: str, other: str) -> bool:
    order = [row["version"] for row in survey()["charts"][chart]]
    return order.index(one) < order.index(other)


def under(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}.")


def pairs() -> list[tuple[str, str]]:
    if not SURVEY.is_file():
        return []
    versions = [row["version"] for row in survey()["charts"]["tyk-oss"] if row["version"][0] in "12345"]
    stable = [version for version in versions if "-" not in version]
    return list(zip(stable, stable[1:]))  # noqa: B905 - the last version has no next


def everything_ever_moved() -> Iterator[str]:
    """Each key of the umbrella that a version renamed, removed or gave another default, those of the betas of 1.0.0
    too; with the two that were only ever in comments and templates."""
    for row in survey()["charts"]["tyk-oss"]:
        if row["version"][0] in "12345":
            yield from row.get("removed", ())
            yield from row.get("default_changed", {})
    yield from ("global.redis.sslMinVersion", "global.redis.sslMaxVersion")


def a_leaf_of(key: str) -> str:
    """A removed map stands for what templates read below it: text in its place would break their renders."""
    refs = {ref for name in COMPONENTS for state in history(name).values() for ref in state.refs}
    return min((ref for ref in refs if ref.startswith(f"{key}.") and not is_map(ref, refs)), default=key)


def as_tree(flat: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in sorted(flat, key=lambda path: path.count(".")):
        below = tree
        *above, last = path.split(".")
        for step in above:
            if not isinstance(below.get(step), dict):
                below[step] = {}
            below = below[step]
        if not isinstance(below.get(last), dict):
            below[last] = flat[path]
    return tree


def write_chart(root: Path, version: str) -> Path:
    """A chart with the umbrella's defaults of that version and templates that read what the real ones read."""
    folder = root / f"tyk-oss-{version}"
    (folder / "templates").mkdir(parents=True)
    dependencies = "".join(
        f"  - {{name: {name}, version: {version}, repository: ''}}\n" for name in COMPONENTS
    )
    (folder / "Chart.yaml").write_text(
        f"apiVersion: v2\nname: tyk-oss\nversion: {version}\ndependencies:\n{dependencies}"
    )
    state = history("tyk-oss")[version]
    maps = {path for path in state.defaults if any(ref.startswith(f"{path}.") for ref in all_reads(version))}
    defaults = {path: {} if path in maps else value for path, value in state.defaults.items()}
    (folder / "values.yaml").write_bytes(values_document(as_tree(defaults)))
    write_reader(folder / "templates" / "read.yaml", state.refs)
    for name in COMPONENTS:
        below = folder / "charts" / name
        (below / "templates").mkdir(parents=True)
        (below / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: {version}\n")
        (below / "values.yaml").write_text("{}\n")
        write_reader(below / "templates" / "read.yaml", history(name)[version].refs)
    return folder


def write_reader(path: Path, refs: set[str]) -> None:
    """Keys without any dash, as in the charts' templates; each guarded, as they may be missing here. A map of which the
    templates read keys is only tested, as the charts do (`if .Values.global.redis`)."""
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: " + path.parts[-3] + "}", "data:"]
    for number, ref in enumerate(sorted(refs)):
        steps = ref.split(".")
        guarded = "$.Values"
        for step in steps:
            guarded = f"({guarded}).{step}"
        what = "not" if is_map(ref, refs) else "toJson"
        lines.append(f"  k{number}: {{{{ {guarded} | {what} | quote }}}}")
    path.write_text("\n".join(lines) + "\n")


def is_map(ref: str, refs: set[str]) -> bool:
    return any(other.startswith(f"{ref}.") for other in refs)


def expected(old: State, new: State, key: str, to: str) -> str:
    """What the survey says of an override of `key` with a value of the user's own."""
    there = any(under(path, key) for path in new.defaults)
    if not there:
        refs = all_reads(to)
        read = any(under(ref, key) or (under(key, ref) and not is_map(ref, refs)) for ref in refs)
        if read:
            return "stale pin" if any(under(path, key) for path in old.defaults) else "kept"
        renamed = key in RENAMED and compare(to, RENAMED[key]) >= 0
        return "renamed" if renamed else "dead"
    changed = key in old.defaults and old.defaults[key] != new.defaults.get(key)
    return "stale pin" if changed else "kept"


def all_reads(version: str) -> set[str]:
    """What is read, by the umbrella's paths."""
    found = set(history("tyk-oss")[version].refs)
    for name in COMPONENTS:
        for ref in history(name)[version].refs:
            found.add(ref if ref.startswith("global") else f"{name}.{ref}")
    return found


@pytest.mark.parametrize(("start", "to"), pairs())
def test_the_verdict_on_every_key_that_ever_moved(
    values: Values, folder: Path, tmp_path: Path, start: str, to: str
) -> None:
    keys = sorted({a_leaf_of(key) for key in everything_ever_moved()})
    old, new = history("tyk-oss")[start], history("tyk-oss")[to]
    judge = Judge(values, folder, write_chart(tmp_path, start), write_chart(tmp_path, to))
    judged = judge({key: "mine" if "capabilities" not in key else ["mine"] for key in keys})
    wanted = {key: expected(old, new, key, to) for key in keys}
    assert judged == wanted
    assert {"dead"} <= set(judged.values())
    there = {key: new.defaults[key] for key in keys if key in new.defaults}
    assert set(judge(there).values()) == {"redundant"}
    repinned = {
        key: value
        for key, value in old.defaults.items()
        if key in there and value not in (UNKNOWN, new.defaults[key])
    }
    assert judge(repinned) == dict.fromkeys(repinned, "stale pin")


@dataclass(frozen=True)
class Judge:
    """`values` for two charts on disk: the verdict on each given value."""

    values: Values
    folder: Path
    old: Path
    new: Path

    def __call__(self, given: dict[str, Any]) -> dict[str, str]:
        (self.folder / "values.yaml").write_bytes(values_document(as_tree(given)))
        found = self.values("--from", f"{self.old}/", "--chart", str(self.new), "-o", "json")
        assert found.code == 0, found.err
        return {each["path"]: each["judgement"] for each in json.loads(found.out)["overrides"]}


def test_the_history_is_rebuilt_as_the_survey_says(shared: Path) -> None:
    """Spot checks against what the survey and the release notes tell, so that the table above is not vacuous."""
    states = history("tyk-oss")
    path = "tyk-gateway.gateway.service.type"
    assert (states["1.1.0"].defaults[path], states["1.2.0"].defaults[path]) == ("NodePort", "ClusterIP")
    assert states["1.0.0"].defaults["tyk-gateway.gateway.tls.useDefaultTykCertificate"] is True
    assert "tyk-gateway.gateway.tls.useDefaultTykCertificate" not in states["1.1.0"].defaults
    assert states["5.3.0"].defaults["tyk-gateway.gateway.image.tag"] == "v5.9.1"
    assert len(set(everything_ever_moved())) >= 20
    assert len(pairs()) >= 15
