"""What a run set out to do survives the way to the disk and back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.change import EditedFile
from helm_tyk_upgrade.model.chart import ChartArchive
from helm_tyk_upgrade.model.inputs import Layers, RunSettings, UpgradeFlags
from helm_tyk_upgrade.model.intent import Intent, WayBack
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.pods import WorkloadRef
from helm_tyk_upgrade.model.release import Release
from helm_tyk_upgrade.store.intents import KeptRun, decode, encode

RELEASE = Release("tyk", "apis", 3, "deployed", "tyk-oss", "4.0.0", "server-side apply")
FILE = ValuesFile("/v/values.yaml", b"a: \xff1\r\n", "d1", 0o640)
EDITED = EditedFile("/v/values.yaml", FILE.data, b"a: 2\r\n", "d1", ())
INTENT = Intent(
    archive=ChartArchive("tyk-oss", "5.3.0", "/c/tyk-oss-5.3.0.tgz", "ab" * 32, ("Artifact Hub",)),
    layers=Layers(("/v/values.yaml", "secrets://more.yaml", b"kept: true\n"), (("--set", "x=1"),)),
    flags=UpgradeFlags(wait="true", history_max=3, labels="team=a", passed=("--no-hooks",)),
    manifest="kind: Deployment\n",
    moving=frozenset({WorkloadRef("Deployment", "apis", "gateway"), WorkloadRef("StatefulSet", "apis", "r")}),
    gateway=Known("5.13.1"),
    files=(FILE,),
    edited=(EDITED,),
    baseline=Unknown("not asked"),
    loss_accepted=True,
)
BACK = WayBack(2, (EDITED,), Unknown("a digest"), UpgradeFlags(timeout="9m"), "/b/apis/tyk/1")
KEPT = KeptRun(RELEASE, RunSettings(grace=(("unschedulable", 9.0),), probe_url="http://gw/"), BACK, INTENT)


def test_everything_comes_back_but_the_baseline() -> None:
    again = decode(encode(KEPT))
    assert again.intent is not None
    assert isinstance(again.intent.baseline, Unknown)
    assert (
        replace(again, intent=replace(again.intent, baseline=INTENT.baseline, layers=INTENT.layers)) == KEPT
    )


def test_helm_is_given_the_bytes_that_the_files_will_have_had() -> None:
    """Not what somebody makes of the files while nobody looks; what only Helm can fetch stays a URL."""
    again = decode(encode(KEPT)).intent
    assert again is not None
    assert again.layers == Layers((b"a: 2\r\n", "secrets://more.yaml", b"kept: true\n"), (("--set", "x=1"),))


def test_files_are_found_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = replace(KEPT, way_back=replace(BACK, files=(replace(EDITED, file="values.yaml"),)))
    assert decode(encode(kept)).way_back.files[0].file == str(tmp_path / "values.yaml")


def test_a_rollback_has_no_upgrade() -> None:
    kept = replace(KEPT, intent=None)
    assert decode(encode(kept)) == kept


@given(st.binary(max_size=200), st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_and_any_words_survive(before: bytes, after: bytes, words: str) -> None:
    edited = EditedFile("/v/values.yaml", before, after, words, ())
    kept = replace(KEPT, way_back=replace(BACK, files=(edited,), gateway=Unknown(words)))
    assert decode(encode(kept)).way_back == kept.way_back


@pytest.mark.parametrize(
    "break_it",
    [
        lambda text: text[:-20],
        lambda text: text.replace("tyk-upgrade/v1", "tyk-upgrade/v9"),
        lambda text: text.replace('"consecutive"', '"sonsecutive"'),
        lambda text: json.dumps({key: item for key, item in json.loads(text).items() if key != "wayBack"}),
        lambda text: "[]",
    ],
    ids=["cut short", "another version", "another field", "a part missing", "no record"],
)
def test_what_cannot_be_read_names_the_way_back(break_it: object) -> None:
    data = break_it(encode(KEPT).decode()).encode()  # type: ignore[operator]
    with pytest.raises(TykUpgradeError, match="set out to do cannot be read") as error:
        decode(data)
    assert "rollback" in error.value.hint
