"""Any generated file, any edit: the right value or a refusal, and no other line touched."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.helmyaml import Document, Refused, UnreadableYaml, read
from tests.helmyaml.random_edits import KINDS, Pick, Tally, as_read, pick, same, try_edit
from tests.helmyaml.written import written, written_all

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


DOCUMENTS = st.lists(DATA, min_size=1, max_size=3)


def test_a_batch_is_its_edits_one_by_one() -> None:
    """Batches over all documents of a file; most must be accepted, those that empty a document too."""
    tally: Counter[str] = Counter()

    @ENOUGH
    @given(DOCUMENTS, st.integers(0, 2**32), st.integers(2, 6))
    def batches(documents: list[dict[str, Any]], seed: int, count: int) -> None:
        rng = random.Random(seed)
        text = written_all(documents, rng).encode()
        batch = Document(text)
        wanted = [as_read(one) for one in documents]
        first = read(text, 3)  # without a newline at the end, a `|` is not the same for Helm 3
        assert len(documents) == 1 or same(first, wanted[0])
        for _ in range(count):
            queue(batch, wanted, first, rng)
        try:
            after = batch.commit()
        except Refused:
            tally["refused"] += 1
            return
        tally["right"] += 1
        tally["several"] += len(documents) > 1 and after != text
        tally["emptied"] += {} in wanted
        assert same(read(after, 4), merged(wanted))
        assert same(read(after, 3), first)
        assert same([one for one in each_document(after) if one], [one for one in wanted if one])

    batches()
    assert tally["right"] >= 0.8 * (tally["right"] + tally["refused"])
    assert tally["several"] >= 40
    assert tally["emptied"] >= 10


def queue(batch: Document, wanted: list[Any], first: Any, rng: random.Random) -> None:
    """One edit of some document, or of all its keys; what is wanted follows, unless it is refused."""
    number = rng.randrange(len(wanted))
    edits = [pick(rng.choice(KINDS[:5] + KINDS[6:]), wanted[number], rng)]
    if rng.random() < 0.25:
        edits = [Pick("delete", (key,)) for key in wanted[number]]
    for edit in edits:
        if edit is not None:
            try:
                edit.make(batch, document=number)
            except Refused:
                continue
            wanted[number] = edit.expected(wanted[number])
            if number == 0:
                done = edit.expected(first)
                first.clear()
                first.update(done)


def merged(documents: list[Any]) -> Any:
    out: Any = {}
    for one in documents:
        out = over(out, one)
    return out


def over(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: over(below.get(key), value) for key, value in above.items()}


def each_document(text: bytes) -> list[Any]:
    """What stands between the `---` lines, each read as a file of its own."""
    return [read(part, 4) for part in re.split(rb"(?m)^---.*$", text.removeprefix("\ufeff".encode()))]


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
