"""From facts to changes: what is random at each render is marked as such."""

from __future__ import annotations

from helm_tyk_upgrade.model.release import Rendered, Stored
from helm_tyk_upgrade.planning.object_changes import object_changes
from tests.checks.build import RELEASE, facts


def secret(password: str, kind: str = "a") -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{pass: {password}, kind: {kind}}}\n"


def test_a_field_that_differs_between_two_renders_is_random() -> None:
    stored = Stored(RELEASE, {}, secret("old1"), "")
    known = facts(stored=stored, rendered=Rendered(secret("new1", "b"), ""))
    assert not any(field.random for change in object_changes(known).objects for field in change.fields)
    twice = facts(
        stored=stored,
        rendered=Rendered(secret("new1", "b"), ""),
        rendered_again=Rendered(secret("new2", "b"), ""),
    )
    (change,) = object_changes(twice).objects
    assert {field.path: field.random for field in change.fields} == {
        "stringData.pass": True,
        "stringData.kind": False,
    }


JOB = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: init-%s}\n"


def test_an_object_whose_name_is_new_at_each_render_is_random() -> None:
    known = facts(
        stored=Stored(RELEASE, {}, JOB % "aaaaa", ""),
        rendered=Rendered(JOB % "bbbbb", ""),
        rendered_again=Rendered(JOB % "ccccc", ""),
    )
    found = {
        change.id.name: [field.random for field in change.fields] for change in object_changes(known).objects
    }
    assert found == {"init-bbbbb": [True], "init-aaaaa": [False]}
