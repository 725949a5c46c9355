"""Whatever charts, clusters, registries and people write into a plan: the comment fits, nothing in it is Markdown of
theirs, and no control character reaches a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helm_tyk_upgrade.model.change import ABSENT, Action, FieldChange, ManifestChanges, ObjectChange, ObjectId
from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins, TransitionFinding
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import Outcome, PodProof
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.server import Drift, DryRunAnswer, FieldConflict, ImagePresence, ServerTruth
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict
from helm_tyk_upgrade.report import markdown, terminal
from helm_tyk_upgrade.report.detail import parse_detail
from helm_tyk_upgrade.report.fitting import LIMIT, Part, fitted
from tests.report import records

HOSTILE = (
    "\x1b[2J\x1b]0;title\x07",
    "line\r\nChecks\n  pass everything\u2028",
    "\u202egnp.exe \ufeff \udcff \U000e0041",
    "```\n</details><script>alert(1)</script>",
    "@octocat fixes #1 [x](http://evil) ![i](http://evil/i.png) <img src=x>",
    "| a | b |\n|---|---|",
    "`" * 400,
    "# heading\n- item\n1. item\n---\n***",
)
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=4), st.integers(1, 800)),
)
few = st.lists(texts, max_size=4).map(tuple)
amounts = st.sampled_from((0, 1, 3, 60))
statuses = st.sampled_from(list(Status))
values = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.lists(texts, max_size=3),
    st.dictionaries(texts, texts, max_size=3),
    st.just(ABSENT),
)


@st.composite
def objects(draw: st.DrawFn) -> ManifestChanges:
    fields = draw(
        st.lists(st.builds(FieldChange, texts, st.just(("a", "b")), values, values, cause=texts), max_size=3)
    )
    kinds, name = draw(st.sampled_from(("Deployment", "Secret", "ConfigMap"))), draw(texts)
    change = st.builds(
        lambda number, action: ObjectChange(
            ObjectId("v1", kinds, "", f"{name}{number}"), action, tuple(fields), template=name
        ),
        st.integers(0, 9),
        st.sampled_from(list(Action)),
    )
    listed = draw(st.lists(change, max_size=3)) * draw(amounts)
    return ManifestChanges(tuple(listed), draw(st.integers(0, 9)))


@st.composite
def servers(draw: st.DrawFn) -> ServerTruth:
    identity, text, more, times = records.DEPLOYMENT, draw(texts), draw(few), draw(amounts)
    accepted = draw(st.one_of(st.booleans().map(Known), texts.map(Unknown)))
    answer = DryRunAnswer(
        identity, accepted, text, more, conflicts=(FieldConflict(text, text, text),) * len(more)
    )
    drift = Drift(identity, text, draw(values), draw(values), text, text, text)
    image = ImagePresence(text, more, accepted, text, more, text)
    return ServerTruth(
        forward=Known((answer,) * times),
        back=Unknown(text),
        drift=Known((drift,) * times),
        images=Known((image,) * times),
        images_back=Known((image,)),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    base, text, more, times = records.bare_plan(), draw(texts), draw(few), draw(amounts)
    verdict = Verdict(text, draw(statuses), text, more * max(times, 1), text, Policy.FAIL)
    way = Verdict("way-back", draw(statuses), text, more)
    answers: tuple[Maybe[bool], ...] = (Known(True), Unknown(text))
    finding = TransitionFinding(
        text, "gateway", "warns", text, draw(st.sampled_from(answers)), more, text, text
    )
    plugin = GoPlugin(text, text, more, draw(st.sampled_from((Known(more), Unknown(text)))))
    return replace(
        base,
        objects=draw(objects()),
        server=draw(servers()),
        verdicts=(verdict,) * times + (way,),
        transitions=Known((finding,) * times),
        plugins=Known(GoPlugins((plugin,) * times, more, more, more)),
        catalogue_notes=more * times,
        chart=replace(base.chart, reason=text),
        release=replace(base.release, name=draw(texts)),
    )


CALM = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)


@CALM
@given(plans())
def test_a_comment_always_fits_and_is_whole_markdown(plan: Plan) -> None:
    text = markdown.plan_markdown(plan, records.masker())
    assert len(text) <= LIMIT
    assert UNSEEN.search(text) is None
    outside = outside_fences(text).replace("\\`", "")
    plain = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside, flags=re.DOTALL).replace("&#8203;", " ")
    assert plain.count("<details>") == plain.count("</details>")
    assert re.search(r"<(?!/?(?:details|summary)>)[a-z/!]", plain) is None
    assert re.search(r"@\w|#\d|\w://|[^\\]\]\(", plain) is None


def outside_fences(text: str) -> str:
    """The text without its fenced blocks, each of which must end."""
    kept, fence = [], ""
    for line in text.split("\n"):
        opening = re.match(r"`{3,}(?=diff$)", line)
        if fence:
            fence = "" if line == fence else fence
        elif opening:
            fence = opening[0]
        else:
            kept.append(line)
    assert fence == ""
    return "\n".join(kept)


@CALM
@given(plans(), st.sampled_from(("all", "server,checks", "diff")))
def test_no_control_character_reaches_a_terminal(plan: Plan, show: str) -> None:
    for text in (
        terminal.plan(plan, records.masker()),
        terminal.plan(plan, records.masker(), detail=parse_detail(show)),
    ):
        assert UNSEEN.search(text) is None
        text.encode()


@CALM
@given(texts, few, amounts)
def test_an_outcome_fits_as_well(text: str, more: tuple[str, ...], times: int) -> None:
    verdict = Verdict(text, Status.FAIL, text, more, text)
    proof = (PodProof(text, (verdict,) * 3),) * times
    outcome: Outcome = replace(records.outcome(), reason=text, proof=proof, next_action=text, bundle=text)
    found = markdown.outcome_markdown(outcome, records.masker())
    assert len(found) <= LIMIT
    assert UNSEEN.search(found + terminal.outcome(outcome, records.masker())) is None


@given(st.lists(st.lists(st.integers(0, 400), max_size=60), max_size=8), st.integers(3_000, 9_000))
@settings(max_examples=60, deadline=None)
def test_parts_fit_any_limit_that_holds_their_frames(sizes: list[list[int]], limit: int) -> None:
    parts = [Part(tuple("x" * size for size in lines), "before\n", "after\n", "see") for lines in sizes]
    text = fitted(parts, limit)
    assert len(text) <= limit
    assert text.count("before") == text.count("after") == len(parts)
    if sum(map(len, parts)) + len(parts) < limit:
        assert "left out" not in text


def test_the_largest_part_gives_way_and_the_small_ones_stay() -> None:
    small, large = Part(("keep me",)), Part(("y" * 99,) * 100, see="`cmd` shows all")
    text = fitted([small, large, small], 2_000)
    assert text.count("keep me") == 2
    assert "lines left out, too long for a comment: `cmd` shows all" in text
