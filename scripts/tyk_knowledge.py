#!/usr/bin/env python3
"""Validate the curated data on Tyk's versions, and write the tables of docs/tyk-knowledge.md from it.

    scripts/tyk_knowledge.py [--check]

--check writes nothing and exits 1 when the page is not what would be written. A fault in the data (a range that is
none, an id given twice, a record without a source, a detector that does not exist) exits 1 in any case.
Needs the packages of the program (scripts/dev-env).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from helm_tyk_upgrade.model.version import is_version, parse_range  # noqa: E402
from helm_tyk_upgrade.tyk import transitions  # noqa: E402
from helm_tyk_upgrade.tyk.detectors import faults_of  # noqa: E402

PAGE = ROOT / "docs" / "tyk-knowledge.md"
DATA = ROOT / "helm_tyk_upgrade" / "tyk" / "data"
BEGIN, END = "<!-- table {}: written by scripts/tyk_knowledge.py -->", "<!-- end of table -->"
REQUIRED = {"id", "component", "severity", "todo", "detect"}
ALLOWED = REQUIRED | {"charts", "from", "to", "behaviour", "one_way", "check", "what", "source"}


def main() -> int:
    faults = [*transition_faults(), *known_bad_faults()]
    for fault in faults:
        print(fault)
    if faults:
        return 1
    return write_page(check="--check" in sys.argv[1:])


def write_page(*, check: bool) -> int:
    old = PAGE.read_text(encoding="utf-8")
    new = old
    for name, rows in tables().items():
        begin = BEGIN.format(name)
        head, found, rest = new.partition(begin)
        if found:
            new = "\n".join([head + begin, *rows, END]) + rest.partition(END)[2]
    if check:
        state = "up to date" if new == old else "out of date: run scripts/tyk_knowledge.py"
        print(f"{PAGE.name} is {state}")
        return 0 if new == old else 1
    PAGE.write_text(new, encoding="utf-8")
    return 0


def transition_faults() -> Iterator[str]:
    seen: set[str] = set()
    behaviours = {item["id"] for item in read("values.json")["behaviour"]}
    for item in read("transitions.json")["transitions"]:
        name = item.get("id", "(no id)")
        where = f"transitions.json, {name}"
        if name in seen or not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
            yield f"{where}: the id is given twice or is not kebab-case"
        seen.add(name)
        yield from (f"{where}: {key} is missing" for key in sorted(REQUIRED - set(item)))
        yield from (f"{where}: {key} means nothing" for key in sorted(set(item) - ALLOWED))
        yield from (f"{where}: {fault}" for fault in record_faults(item, behaviours))


def record_faults(item: dict[str, Any], behaviours: set[str]) -> Iterator[str]:
    if item.get("component") not in ("gateway", "chart"):
        yield f"component {item.get('component')!r}"
    if item.get("severity") not in ("blocks", "warns", "tells"):
        yield f"severity {item.get('severity')!r}"
    if "behaviour" in item:
        if item["behaviour"] not in behaviours:
            yield f"values.json has no behaviour {item['behaviour']!r}"
    else:
        yield from (f"{key} is missing" for key in ("from", "to", "what", "source") if not item.get(key))
        yield from range_faults(item)
    yield from faults_of(item.get("detect", {}))


def range_faults(item: dict[str, Any]) -> Iterator[str]:
    for key in ("from", "to"):
        try:
            parse_range(item.get(key, ""))
        except ValueError as error:
            yield f"{key}: {error}"


def known_bad_faults() -> Iterator[str]:
    for item in read("known-bad.json")["faults"]:
        where = f"known-bad.json, {item.get('component')} {item.get('from')}"
        yield from (
            f"{where}: {key} is no version"
            for key in ("from", "to", "instead")
            if not is_version(item.get(key, ""))
        )
        yield from (f"{where}: {key} is missing" for key in ("why", "source") if not item.get(key))
        if bool(item.get("only")) != bool(item.get("detect")):
            yield f"{where}: who meets it must be said in words (only) and as a detector (detect)"
        if item.get("detect"):
            yield from (f"{where}: {fault}" for fault in faults_of(item["detect"]))


def tables() -> dict[str, list[str]]:
    return {
        "transitions": [
            "| record | from | to | weight | what happens | shows in a release by | what to do | source |",
            "|---|---|---|---|---|---|---|---|",
            *(transition_row(record) for record in transitions.records()),
        ],
        "known-bad": [
            "| component | version | who meets it | why | free of it | source |",
            "|---|---|---|---|---|---|",
            *(known_bad_row(item) for item in read("known-bad.json")["faults"]),
        ],
        "elsewhere": [
            "| what | found by |",
            "|---|---|",
            *(f"| {cell(what)} | `{where}` |" for what, where in transitions.elsewhere()),
        ],
    }


def transition_row(record: transitions.Record) -> str:
    weight = record.severity + (", one way" if record.one_way else "")
    judged = f"; judged by `{record.check}`" if record.check else ""
    charts = f" ({', '.join(record.charts)})" if record.charts else ""
    cells = (
        f"`{record.id}`",
        f"{record.component} {record.start}{charts}",
        str(record.to),
        weight,
        record.what,
        f"`{json.dumps(record.detect)}`{judged}",
        record.todo,
        record.source,
    )
    return f"| {' | '.join(map(cell, cells))} |"


def known_bad_row(item: dict[str, Any]) -> str:
    version = item["from"] if item["from"] == item["to"] else f"{item['from']} to {item['to']}"
    cells = (
        item["component"],
        version,
        item["only"] or "everybody",
        item["why"],
        item["instead"],
        item["source"],
    )
    return f"| {' | '.join(map(cell, cells))} |"


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
