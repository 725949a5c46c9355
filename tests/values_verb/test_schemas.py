"""What the command prints as JSON, against the published schemas, with no room for keys they do not describe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.values_verb.conftest import Values

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"
pytestmark = pytest.mark.helm


def strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: strict(value) for key, value in schema.items()}
    if found.get("type") == "object" and isinstance(found.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    return found


def validate(text: str, name: str) -> Any:
    schema = json.loads((SCHEMAS / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(text)
    jsonschema.validate(document, strict(schema), jsonschema.Draft202012Validator)
    return document


@pytest.mark.parametrize("write", [False, True], ids=["read", "written"])
def test_values(values: Values, folder: Path, write: bool) -> None:
    (folder / "values.yaml").write_text(
        "global:\n  redis: {sslMinVersion: '1.2', pass: x}\nstray: null\nreplicaCont: 1\ntag: 1.0\n"
    )
    more = ["--write", "--yes", "--keep-behaviour"] if write else []
    found = values("--from", "1.3.0", "--to", "5.3.0", "-o", "json", *more)
    assert found.code == 0, found.err
    document = validate(found.out, "values.v1.json")
    assert (document["kind"], document["written"]) == ("Values", write)
    assert bool(document["edits"]) is write
    assert document["proposals"]


def test_values_with_an_unknown_old_chart(values: Values, folder: Path, charts: Path) -> None:
    (folder / "values.yaml").write_text("a: 1\n")
    chart = str(charts / "tyk-oss-5.3.0.tgz")
    found = values("--chart", chart, "--from", "5.1.1", "-o", "json")
    document = validate(found.out, "values.v1.json")
    assert document["unknown"] == ["tyk-oss 5.1.1 is in no catalogue: the chart is a local one"]


def test_translation(values: Values, folder: Path) -> None:
    (folder / "old.yaml").write_text("gateway: {replicaCount: 2}\nrbac: true\n")
    document = validate(values("old.yaml", "--translate", "-o", "json").out, "translation.v1.json")
    assert document["kind"] == "Translation"
