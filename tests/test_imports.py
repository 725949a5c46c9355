"""The import rules, read from the source: ranks, purity, one home for each third-party package."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "helm_tyk_upgrade"
ROOT = Path(__file__).resolve().parents[1]

# Imports point down only; rooms of equal rank do not know each other.
RANKS = {
    "model": 0,
    "errors": 0,
    "edge": 1,
    "helmyaml": 1,
    "values": 2,
    "manifests": 2,
    "tyk": 2,
    "checks": 2,
    "report": 2,
    "helm": 3,
    "charts": 3,
    "registries": 3,
    "cluster": 3,
    "gateway": 3,
    "gitops": 3,
    "store": 3,
    "settings": 4,
    "context": 4,
    "global_flags": 4,
    "targets": 5,
    "planning": 6,
    "applying": 6,
    "verbs": 7,
    "cli": 8,
    "__main__": 9,
}
# No processes, network or files, not by way of edge either (tyk may read its own data files).
PURE_ROOMS = {"model", "helmyaml", "values", "manifests", "tyk", "checks", "report"}
PURE_FILES = {
    "helm/argv.py",
    "helm/parse.py",
    "charts/newest.py",
    "gateway/loglines.py",
    "gateway/verdict.py",
    "planning/build.py",
    "applying/machine.py",
}
EFFECTS = {"subprocess", "socket", "ssl", "shutil", "tempfile", "fcntl", "http", "asyncio"}
# Where each third-party package lives: a file, or a folder with its slash.
HOMES: dict[str, str | tuple[str, ...]] = {
    "requests": "edge/http.py",
    "urllib3": "edge/http.py",
    "tenacity": "cluster/",
    "platformdirs": "context.py",
    "yaml": "helmyaml/",
    "ruamel": "helmyaml/emit.py",
    "semver": "model/version.py",
    "rich": "report/",
    "lightkube": "cluster/",
    "httpx2": ("cluster/", "gateway/http.py"),  # the API server, and the gateway behind a tunnel
    "httpcore2": "cluster/",
    "wsproto": "cluster/",
    "msgspec": "cluster/",
}


@dataclass(frozen=True)
class Import:
    """One imported module, as written in `file` (relative to the package)."""

    file: str
    line: int
    module: str
    at_start: bool
    """Runs when the file is imported: not inside a function, nor for type checkers only."""

    @property
    def room(self) -> str:
        """The room of ours that is imported, or "" for the package itself and for other people's packages."""
        parts = self.module.split(".")
        return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else ""

    @property
    def foreign(self) -> str:
        """The third-party package that is imported, or ""."""
        top = self.module.split(".")[0]
        return "" if top in sys.stdlib_module_names or top == PACKAGE else top

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def imports_in(node: ast.AST, file: str, at_start: bool = True) -> Iterator[Import]:
    """Every import below `node`. `from helm_tyk_upgrade import x` counts as helm_tyk_upgrade.x."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(file, child.lineno, alias.name, at_start)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{file}:{child.lineno}: relative import"
            for alias in child.names:
                yield Import(file, child.lineno, f"{child.module}.{alias.name}", at_start)
        else:
            lazy = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) or is_for_type_checkers(child)
            yield from imports_in(child, file, at_start and not lazy)


def read_package(folder: Path) -> list[Import]:
    files = sorted(folder.rglob("*.py"))
    assert files, f"no modules in {folder}"
    return [
        found
        for file in files
        for found in imports_in(ast.parse(file.read_bytes()), file.relative_to(folder).as_posix())
    ]


def room_of(file: str) -> str:
    return file.split("/")[0].removesuffix(".py")


def rank_faults(imports: list[Import]) -> list[str]:
    faults = []
    for found in imports:
        here, there = room_of(found.file), found.room
        if here == "__init__" or not there or there == "__version__" or here == there:
            continue
        if here not in RANKS or there not in RANKS:
            faults.append(
                f"{found}: give {here if here not in RANKS else there} a rank in {Path(__file__).name}"
            )
        elif RANKS[here] <= RANKS[there]:
            faults.append(f"{found}: rank {RANKS[here]} must not know rank {RANKS[there]}")
    return faults


def purity_faults(imports: list[Import]) -> list[str]:
    return [
        f"{found}: {found.file} is pure"
        for found in imports
        if (room_of(found.file) in PURE_ROOMS or found.file in PURE_FILES)
        and (
            found.room == "edge" or found.module.split(".")[0] in EFFECTS or "urllib.request" in found.module
        )
    ]


def is_at(file: str, place: str) -> bool:
    """Whether a file is the place, or below it where the place is a folder."""
    return file == place or (place.endswith("/") and file.startswith(place))


def home_faults(imports: list[Import]) -> list[str]:
    faults = []
    for found in imports:
        if not found.foreign:
            continue
        home = HOMES.get(found.foreign)
        if home is None:
            faults.append(f"{found}: give {found.foreign} a home in {Path(__file__).name}")
        elif not any(is_at(found.file, place) for place in ([home] if isinstance(home, str) else home)):
            faults.append(f"{found}: its home is {home}")
    return faults


def process_faults(imports: list[Import]) -> list[str]:
    """edge/process.py is the only door to other programs."""
    return [
        f"{found}: use edge/process.py"
        for found in imports
        if found.module.split(".")[0] == "subprocess" and found.file != "edge/process.py"
    ]


def files_of(module: str, files: set[str]) -> set[str]:
    """The files that run when `module` (or a name in it) is imported: its packages' __init__ and itself."""
    parts = module.split(".")[1:]
    candidates = {"/".join([*parts[:i], "__init__.py"]) for i in range(len(parts) + 1)}
    candidates |= {"/".join(parts[: i + 1]) + ".py" for i in range(len(parts))}
    return candidates & files


def loaded_at_start(imports: list[Import], first: str) -> dict[str, str]:
    """What importing `first` imports without a function being called: file -> the import that brought it."""
    files = {path.relative_to(ROOT / PACKAGE).as_posix() for path in (ROOT / PACKAGE).rglob("*.py")}
    reached = {first: "the start"}
    waiting = [first]
    while waiting:
        here = waiting.pop()
        for found in imports:
            if found.file != here or not found.at_start or not found.module.startswith(f"{PACKAGE}."):
                continue
            for file in files_of(found.module, files) - reached.keys():
                reached[file] = str(found)
                waiting.append(file)
    return reached


@pytest.fixture(scope="module")
def ours() -> list[Import]:
    return read_package(ROOT / PACKAGE)


def test_imports_point_down(ours: list[Import]) -> None:
    assert rank_faults(ours) == []


def test_pure_rooms_have_no_effects(ours: list[Import]) -> None:
    assert purity_faults(ours) == []


def test_each_third_party_package_stays_in_its_home(ours: list[Import]) -> None:
    assert home_faults(ours) == []


def test_each_third_party_package_is_declared(ours: list[Import]) -> None:
    """What only comes along with another package may be gone at that package's next release."""
    names = {"yaml": "PyYAML", "ruamel": "ruamel.yaml"}
    project = (ROOT / "pyproject.toml").read_text()
    declared = set(re.findall(r'^    "([A-Za-z0-9_.-]+)[^"]*[<>=]', project, re.MULTILINE))
    used = {names.get(found.foreign, found.foreign) for found in ours if found.foreign}
    assert used <= declared


def test_only_the_process_door_starts_programs(ours: list[Import]) -> None:
    assert process_faults(ours) == []


def test_the_start_loads_no_third_party_package(ours: list[Import]) -> None:
    reached = loaded_at_start(ours, "cli.py")
    heavy = [
        f"{found} (reached by: {reached[found.file]})"
        for found in ours
        if found.file in reached and found.at_start and found.foreign
    ]
    assert heavy == []


@pytest.mark.parametrize(
    ("file", "source", "check", "words"),
    [
        ("values/compare.py", "from helm_tyk_upgrade.model.chart import Chart", rank_faults, ""),
        ("values/compare.py", "from helm_tyk_upgrade.helm.client import Helm", rank_faults, "rank 2"),
        (
            "values/compare.py",
            "def f():\n    from helm_tyk_upgrade.helm import client",
            rank_faults,
            "rank 2",
        ),
        ("values/compare.py", "from helm_tyk_upgrade.tyk import charts", rank_faults, "rank 2"),
        ("planning/x.py", "from helm_tyk_upgrade import newroom", rank_faults, "give newroom a rank"),
        ("model/plan.py", "from helm_tyk_upgrade import __version__", rank_faults, ""),
        ("report/html.py", "import json, html", purity_faults, ""),
        ("report/html.py", "from helm_tyk_upgrade.edge.files import write", purity_faults, "is pure"),
        ("helm/argv.py", "import subprocess", purity_faults, "is pure"),
        ("edge/http.py", "import requests", home_faults, ""),
        ("cluster/pods.py", "from lightkube.core import client", home_faults, ""),
        ("helm/client.py", "def f():\n    import yaml", home_faults, "its home is helmyaml/"),
        ("helm/client.py", "import leftpad", home_faults, "give leftpad a home"),
        ("store/bundle.py", "import subprocess", process_faults, "edge/process.py"),
    ],
)
def test_the_rules_see_what_they_should(file: str, source: str, check: object, words: str) -> None:
    assert callable(check)
    faults = check(list(imports_in(ast.parse(source), file)))
    assert (words in faults[0]) if words else faults == []


def test_imports_in_functions_and_for_type_checkers_are_late() -> None:
    source = "import a\nif TYPE_CHECKING:\n    import b\ndef f():\n    import c\nclass D:\n    import d\n"
    late = {found.module: found.at_start for found in imports_in(ast.parse(source), "x.py")}
    assert late == {"a": True, "b": False, "c": False, "d": True}
