"""What is proposed for which verdict, with its risk, and when a person has to act."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.helmyaml import read
from helm_tyk_upgrade.model.change import ABSENT, Judgement, Override, Path
from helm_tyk_upgrade.model.known import Known
from helm_tyk_upgrade.model.values import Behaviour, Moved, Proposal, Risk
from helm_tyk_upgrade.values.apply import apply
from helm_tyk_upgrade.values.basis import Basis
from helm_tyk_upgrade.values.paths import insert, leaves, lookup
from helm_tyk_upgrade.values.places import Places
from helm_tyk_upgrade.values.proposals import propose

RENAME = Moved("2.0.0", ("old", "k"), ("new", "k"), "release notes")
DROPPED = Moved("1.5.0", ("gone",), None, "commit abc")
STRICT = Behaviour(
    "strict", "2.0.0", "routes change", "old routes", "loose", "notes", ((("gw", "strict"), False),)
)
XFF_ITEM = {"name": "XFF", "value": "0"}
XFF = Behaviour(
    "xff", "2.0.0", "addresses change", "old ones", "spoofing", "notes",
    items=((("gw", "env"), XFF_ITEM),), unless=(("gw", "xff"),),
)  # fmt: skip


def merged(*texts: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in texts:
        for path, value in leaves(read(text.encode(), 3)):
            if path:
                insert(found, path, value)
    return found


def proposals(
    *texts: str, verdicts: dict[Path, Judgement] | None = None, start: str = "1.0.0", **more: Any
) -> tuple[Proposal, ...]:
    """verdicts: of the leaves that have one; the others are kept. Files are f0, f1, ..."""
    given = more.pop("given", None) or merged(*texts)
    overrides = [
        Override(path, Known(ABSENT), Known(ABSENT), value, Known(value),
                 (verdicts or {}).get(path, Judgement.KEPT), "why", "f0", 1)
        for path, value in leaves(given) if path
    ]  # fmt: skip
    basis = {
        "guesses": {}, "moved": (), "behaviours": (), "new_defaults": {}, "effective": given, "sets": (),
    }  # fmt: skip
    return propose(
        Basis(
            overrides=overrides,
            given=given,
            files=[Places(f"f{number}", text.encode(), 3) for number, text in enumerate(texts)],
            chart="tyk-oss 2.0.0",
            start=start,
            **{**basis, **more},
        )
    )


def after(found: tuple[Proposal, ...], *texts: str) -> list[str]:
    """The files with the proposals made."""
    edited, refused = apply(found, {f"f{number}": text.encode() for number, text in enumerate(texts)}, 3)
    assert refused == ()
    changed = {each.file: each.after.decode() for each in edited}
    return [changed.get(f"f{number}", text) for number, text in enumerate(texts)]


RENAMED: dict[Path, Judgement] = {("old", "k"): Judgement.RENAMED}


def test_nothing_to_say_gives_nothing() -> None:
    assert proposals("a: 1\n", moved=(RENAME, DROPPED)) == ()


def test_a_rename_is_made_in_every_file_that_has_the_key() -> None:
    texts = ("old: {k: 1}\n", "x: 1\nold:\n  k: 2 # because\n")
    (found,) = proposals(*texts, verdicts=RENAMED, moved=(RENAME,))
    assert (found.kind, found.risk, found.safe) == ("rename", Risk.NONE, True)
    assert found.source == "chart 2.0.0 (release notes)"
    assert [read(text.encode(), 3) for text in after((found,), *texts)] == [
        {"new": {"k": 1}},
        {"x": 1, "new": {"k": 2}},
    ]


def test_a_rename_that_would_switch_a_value_on_has_to_be_looked_at() -> None:
    (found,) = proposals("old: {k: 1}\n", verdicts=RENAMED, moved=(RENAME,), start="2.1.0")
    assert (found.risk, found.safe) == (Risk.REVIEW, False)
    assert "ignores the old name already" in found.risk_reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("old: {k: 1}\nnew: {k: 2}\n", "another value", id="two values"),
        pytest.param("old: {k: 1}\nnew: 3\n", "not a map", id="no map to put it in"),
    ],
)
def test_a_rename_that_only_a_person_can_make(text: str, said: str) -> None:
    (found,) = proposals(text, verdicts=RENAMED, moved=(RENAME,))
    assert found.edits == ()
    assert said in found.by_hand
    assert not found.safe


def test_a_flag_is_changed_by_the_user() -> None:
    (found,) = proposals("old: {k: 1}\n", verdicts=RENAMED, moved=(RENAME,), sets=("old.k",))
    assert (found.edits, found.by_hand) == ((), "a --set gives old.k: change the flag")


def test_dead_keys_go_with_the_map_that_held_nothing_else() -> None:
    text = "gone: {a: 1, b: {c: 2}}\nkept: {dead: 1, live: 2}\n"
    dead: list[Path] = [("gone", "a"), ("gone", "b", "c"), ("kept", "dead")]
    found = proposals(
        text,
        verdicts=dict.fromkeys(dead, Judgement.DEAD),
        moved=(DROPPED,),
        new_defaults={"kept": {"live": 1}},
    )
    assert [(each.path, each.source) for each in found] == [
        (("gone",), "chart 1.5.0 (commit abc)"),
        (("kept", "dead"), "the templates of tyk-oss 2.0.0"),
    ]
    assert all(each.safe for each in found)
    assert after(found, text) == ["kept: {live: 2}\n"]


def test_a_dead_key_leaves_no_empty_map_behind() -> None:
    text = "a:\n  b:\n    dead: 1\nx: 1\n"
    found = proposals(text, verdicts={("a", "b", "dead"): Judgement.DEAD}, new_defaults={"a": {"b": {}}})
    assert after(found, text) == ["x: 1\n"]


def test_redundant_values_are_offered_and_never_safe() -> None:
    texts = ("a: 1\nb: 1\n", "a: 1\n")
    (found,) = proposals(*texts, verdicts={("a",): Judgement.REDUNDANT})
    assert (found.kind, found.safe, found.optional) == ("remove redundant", False, True)
    assert after((found,), *texts) == ["b: 1\n", ""]


def test_a_redundant_value_that_hides_another_one_stays_and_so_does_that_one() -> None:
    """The lower file is shared: what it says is meant for others."""
    (found,) = proposals("a: 3\n", "a: 1\n", verdicts={("a",): Judgement.REDUNDANT})
    assert found.edits == ()
    assert "f0 gives another value" in found.by_hand


def test_a_redundant_value_above_what_cannot_be_read_here_needs_a_review() -> None:
    (found,) = proposals("a: 1\n", verdicts={("a",): Judgement.REDUNDANT}, unread=True)
    assert (found.risk, bool(found.edits)) == (Risk.REVIEW, True)
    assert "no local file" in found.risk_reason


def test_a_comment_is_never_lost_by_a_rename() -> None:
    text = "old: {k: 1}  # why\n"
    found = proposals(text, verdicts=RENAMED, moved=(RENAME,))
    edited, refused = apply(found, {"f0": text.encode()}, 3)
    assert edited == ()
    assert len(refused) == 1
    text = "old: {k: 1, z: 2}  # about z and k\n"
    found = proposals(text, verdicts=RENAMED, moved=(RENAME,), new_defaults={"old": {"z": 1}})
    assert after(found, text) == ["old: {z: 2}  # about z and k\nnew:\n  k: 1\n"]


def test_a_rename_that_is_refused_in_a_block_is_not_made_otherwise() -> None:
    text = "old:\n  # about k\n  k: |\n   a\n  z: 1\nnew: {y: 1}\n"
    found = proposals(text, verdicts=RENAMED, moved=(RENAME,))
    edited, refused = apply(found, {"f0": text.encode()}, 3)
    assert [b"# about k" in each.after for each in edited] == [True] * len(edited)
    assert len(edited) + len(refused) == 1


def test_a_guess_is_marked_and_not_safe() -> None:
    (found,) = proposals("replicaCuont: 3\n", guesses={("replicaCuont",): ("replicaCount",)})
    assert "probably replicaCount" in found.reason
    assert (found.risk, found.safe) == (Risk.REVIEW, False)
    assert after((found,), "replicaCuont: 3\n") == ["replicaCount: 3\n"]


EFFECTIVE = {"gw": {"strict": True, "env": []}}


def test_the_old_behaviour_is_kept_in_the_last_file() -> None:
    texts = ("gw: {x: 1}\n", "z: 1\n")
    effective = {"gw": {"x": 1, "strict": True}}
    (found,) = proposals(*texts, behaviours=(STRICT,), effective=effective)
    assert (found.risk, found.safe, found.risk_reason) == (Risk.BEHAVIOUR, False, "loose")
    assert [read(text.encode(), 3) for text in after((found,), *texts)][1] == {
        "z": 1,
        "gw": {"strict": False},
    }


@pytest.mark.parametrize(
    ("text", "effective"),
    [
        pytest.param("gw: {strict: true}\n", {"gw": {"strict": True}}, id="the user has chosen"),
        pytest.param("z: 1\n", {"gw": {"strict": False}}, id="it is so anyway"),
        pytest.param("z: 1\n", {"z": 1}, id="the chart has no such part"),
    ],
)
def test_behaviour_is_not_offered(text: str, effective: dict[str, Any]) -> None:
    assert proposals(text, behaviours=(STRICT,), effective=effective) == ()


@pytest.mark.parametrize(
    ("text", "env", "expected"),
    [
        pytest.param(
            "gw: {env: [{name: A}]}\n", [{"name": "A"}], [{"name": "A"}, XFF_ITEM], id="added to yours"
        ),
        pytest.param("z: 1\n", [{"name": "D"}], [{"name": "D"}, XFF_ITEM], id="with the chart's own items"),
        pytest.param("z: 1\n", [], [XFF_ITEM], id="a new list"),
    ],
)
def test_an_item_is_added_to_a_list(text: str, env: list[Any], expected: list[Any]) -> None:
    (found,) = proposals(text, behaviours=(XFF,), effective={"gw": {"env": env}})
    assert lookup(read(after((found,), text)[0].encode(), 3), ("gw", "env")) == expected


@pytest.mark.parametrize("text", ["gw: {env: [{name: XFF}]}\n", "gw: {xff: 2, env: []}\n"])
def test_an_item_is_not_added_where_the_user_has_chosen(text: str) -> None:
    assert proposals(text, behaviours=(XFF,)) == ()


def test_encrypted_files_and_files_of_several_documents_are_not_edited() -> None:
    for text in ("old: {k: ENC}\nsops: {v: 1}\n", "old: {k: 1}\n---\nb: 1\n"):
        (found,) = proposals(text, verdicts=RENAMED, moved=(RENAME,))
        assert found.edits == ()
        assert "no file that can be edited" in found.by_hand


def test_an_edit_that_is_refused_takes_its_proposal_with_it_and_no_other() -> None:
    text = "base: &b {k: 1}\nold: *b\ngone: 1\n"
    found = proposals(
        text, verdicts={**RENAMED, ("gone",): Judgement.DEAD}, moved=(RENAME,), new_defaults={"base": {}}
    )
    edited, refused = apply(found, {"f0": text.encode()}, 3)
    assert [(each.path, bool(reason)) for each, reason in refused] == [(("old", "k"), True)]
    assert edited[0].after == b"base: &b {k: 1}\nold: *b\n"


def test_values_that_are_all_dead_are_not_emptied_unasked() -> None:
    """Those of another chart, or below the key of a dependency."""
    text = "other: {a: 1, b: 2}\nmore: 3\n"
    dead: dict[Path, Judgement] = dict.fromkeys([("other", "a"), ("other", "b"), ("more",)], Judgement.DEAD)
    found = proposals(text, verdicts=dead)
    assert [each.path for each in found] == [("other",), ("more",)]
    assert {(each.risk, each.safe) for each in found} == {(Risk.REVIEW, False)}
    assert "another chart" in found[0].risk_reason
    some = proposals(text + "x: 1\ny: 1\nz: 1\n", verdicts=dead)
    assert [(each.path, each.risk, each.safe) for each in some] == [
        (("other",), Risk.REVIEW, False),  # a whole part of the file
        (("more",), Risk.NONE, True),
    ]


def test_values_of_a_subchart_are_known_beside_a_global_that_is_read() -> None:
    text = "global: {a: 1, b: 2, c: 3, d: 4}\ngateway: {x: 1, w: 2}\nother: 1\n"
    dead: dict[Path, Judgement] = dict.fromkeys([("gateway", "x"), ("gateway", "w")], Judgement.DEAD)
    defaults = {"global": {"a": 0}, "sub": {"gateway": {"x": 0, "w": 0}}}
    found = proposals(text, verdicts=dead, new_defaults=defaults)
    assert {(each.risk, each.safe) for each in found} == {(Risk.REVIEW, False)}
    assert found[0].risk_reason == "looks like values of sub: --chart sub"


SECRET = [{"name": "DB", "value": "s3cr3t"}]


@pytest.mark.parametrize(
    ("texts", "more"),
    [
        pytest.param(("z: 1\n",), {"given": {"gw": {"env": SECRET}}}, id="standard input"),
        pytest.param(("gw: {env: [{name: A}]}\n",), {"given": {"gw": {"env": SECRET}}}, id="overridden"),
        pytest.param(("gw: {env: [{name: A}]}\n",), {"sets": ("gw",)}, id="a map by --set-json"),
        pytest.param(("gw: {env: [{name: A}]}\n",), {"sets": ("gw.env[1].name",)}, id="an item by --set"),
        pytest.param(("gw: {env: [{name: A}]}\n", "gw: {env: [ENC]}\nsops: {v: 1}\n"), {}, id="sops"),
        pytest.param(("gw: {env: [{name: A}]}\n", "gw: {env: []}\n---\na: 1\n"), {}, id="documents"),
    ],
)
def test_a_list_of_another_layer_is_never_copied_into_a_file(texts: tuple[str, ...], more: Any) -> None:
    effective = {"gw": {"env": SECRET}}
    (found,) = proposals(*texts, behaviours=(XFF,), effective=effective, **more)
    assert found.edits == ()
    assert "add XFF to gw.env where that list is given" in found.by_hand or "a --set gives" in found.by_hand
    assert "s3cr3t" not in found.by_hand + found.reason + found.risk_reason


VALUE = Behaviour(
    "xff", "2.0.0", "addresses change", "old ones", "spoofing", "notes",
    sets=((("gw", "xff"), "0"),), unless=(("gw", "xff"), ("gw", "env", "XFF")),
)  # fmt: skip


def test_a_value_without_effect_is_replaced_by_the_one_that_has_it() -> None:
    text, effective = "gw: {xff: 0}\nread: 1\n", {"gw": {"xff": 0.0}}
    found = proposals(
        text,
        verdicts={("gw", "xff"): Judgement.DEAD},
        new_defaults={"gw": {"xff": 1}},
        effective=effective,
        behaviours=(VALUE,),
    )
    assert after(found[-1:], text) == ['gw: {xff: "0"}\nread: 1\n']


def test_a_named_item_of_a_list_can_be_the_users_choice() -> None:
    text = "gw: {env: [{name: XFF, value: '0'}]}\n"
    assert proposals(text, effective={"gw": {"xff": 1.0}}, behaviours=(VALUE,)) == ()


def test_a_value_that_the_templates_replace_is_left_to_its_author_with_the_other_way() -> None:
    """Dead though the chart has a default; the behaviour it was meant to keep is offered in the way that works."""
    found = proposals(
        "gw: {xff: 0, env: []}\nread: 1\n",
        verdicts={("gw", "xff"): Judgement.DEAD},
        new_defaults={"gw": {"xff": 1, "env": []}},
        behaviours=(XFF,),
    )
    assert [(each.kind, each.path, each.risk, each.safe) for each in found] == [
        ("remove dead", ("gw", "xff"), Risk.REVIEW, False),
        ("keep behaviour", ("gw", "env"), Risk.BEHAVIOUR, False),
    ]
    assert "no effect" in found[0].risk_reason
    kept = proposals("gw: {xff: 0, env: []}\n", new_defaults={"gw": {"xff": 1, "env": []}}, behaviours=(XFF,))
    assert kept == (), "with a value that counts the user has chosen"
