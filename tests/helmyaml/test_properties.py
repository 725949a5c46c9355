"""Any generated file, any edit: the right value or a refusal, and no other line touched."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.helmyaml import Document, Refused, UnreadableYaml, read
from tests.helmyaml.random_edits import KINDS, Tally, as_read, pick, same, try_edit
from tests.helmyaml.written import written

TEXTS = ["x", "on", "5.10", "a b", "it's", "p\nq\n", "p\n\n q", "1:30", "", "#no", "v5.3.0", "ключ"]
KEYS = ["a", "b", "key", "on", "x.y", "1", "name", "zz"]
SCALARS = st.sampled_from([*TEXTS, True, False, None, 0, 1, -7, 1.5, 8080])
DATA = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(
        SCALARS,
        lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(KEYS), below, max_size=3),
        max_leaves=10,
    ),
    min_size=1,
    max_size=4,
)
ENOUGH = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@ENOUGH
@given(DATA, st.integers(0, 2**32))
def test_what_is_written_here_reads_back(data: dict[str, Any], seed: int) -> None:
    text = written(data, random.Random(seed)).encode()
    assert same(read(text, 4), as_read(data))
    assert Document(text).commit() == text


@ENOUGH
@given(DATA, st.integers(0, 2**32), st.sampled_from(KINDS))
def test_any_edit_is_right_or_refused(data: dict[str, Any], seed: int, kind: str) -> None:
    rng = random.Random(seed)
    text = written(data, rng).encode()
    edit = pick(kind, read(text, 4), rng)
    if edit is None:
        return
    tally = Tally()
    try_edit(text, edit, tally)
    assert tally.wrong == []
    assert all("Helm would not read" not in reason or not text.endswith(b"\n") for reason in tally.refused)


@ENOUGH
@given(DATA, st.integers(0, 2**32), st.integers(2, 6))
def test_a_batch_is_its_edits_one_by_one(data: dict[str, Any], seed: int, count: int) -> None:
    rng = random.Random(seed)
    text = written(data, rng).encode()
    batch = Document(text)
    wanted = read(text, 4)
    for _ in range(count):
        edit = pick(rng.choice(KINDS[:5] + KINDS[6:]), wanted, rng)
        if edit is None:
            continue
        try:
            edit.make(batch)
        except Refused:
            continue
        wanted = edit.expected(wanted)
    try:
        after = batch.commit()
    except Refused:
        return
    assert same(read(after, 4), wanted)


@ENOUGH
@given(st.text("ab: -\n\t#'\"[]{},&*!|>%?0.1\r\ufeff\x85", max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    for major in (3, 4):
        data, error = attempt(text, major)
        if error is None:
            assert isinstance(data, dict)
        else:
            assert str(error).isprintable()
            assert error.line >= 1


def attempt(text: str, major: int) -> tuple[Any, UnreadableYaml | None]:
    try:
        return read(text.encode(), major), None
    except UnreadableYaml as error:
        return None, error
