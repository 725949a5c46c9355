"""How Helm's record grows. What real Helms store is measured in tests/live."""

from __future__ import annotations

import random
from collections.abc import Mapping

from helm_tyk_upgrade.manifests.release_record import record_bytes
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.known import Known, Unknown

NOISE = random.Random(1).randbytes(300_000)


def size(
    files: Mapping[str, bytes] | None = None, manifest: str = "", hooks: str = "", notes: str = ""
) -> int:
    chart = ChartFiles("tyk-oss", "5.3.0", {"name": "tyk-oss"}, {"values.yaml": b"a: 1\n", **(files or {})})
    found = record_bytes(chart, {}, manifest, hooks, notes)
    assert isinstance(found, Known)
    return found.value


def test_a_file_of_the_chart_is_in_it_about_as_large_as_it_is_in_base64() -> None:
    grown = size({"files/noise": NOISE}) - size()
    assert 400_000 <= grown <= 1.05 * 400_000


def test_subcharts_are_not_in_it() -> None:
    assert size({"charts/tyk-pump/files/noise": NOISE}) == size()


def test_manifest_hooks_and_notes_are_in_it() -> None:
    text = NOISE[:3000].hex()
    hook = f"---\n# Source: a\nkind: Job\nmetadata: {{name: x, annotations: {{helm.sh/hook: test}}}}\nspec: {text}\n"
    assert size(manifest=text) > size() + 3000
    assert size(hooks=hook) > size() + 3000
    assert size(notes=text) > size() + 3000


def test_comments_of_values_are_not_in_it() -> None:
    assert size({"values.yaml": b"# " + NOISE.hex().encode() + b"\na: 1\n"}) == size()


def test_values_that_cannot_be_read_are_unknown() -> None:
    found = record_bytes(ChartFiles("c", "1", {}, {"values.yaml": b"a: [b"}), {}, "", "", "")
    assert isinstance(found, Unknown)
    assert "values.yaml" in found.reason
