"""From tyk-headless to tyk-oss: every row of the table, what is reported, what is never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from helm_tyk_upgrade.helmyaml import read
from helm_tyk_upgrade.model.change import ABSENT
from helm_tyk_upgrade.model.translation import Row, Translation
from helm_tyk_upgrade.tyk import headless
from helm_tyk_upgrade.values.paths import dotted, insert, lookup
from helm_tyk_upgrade.values.places import Places
from helm_tyk_upgrade.values.translate import translate


def translated(text: str) -> Translation:
    return translate(Places("old.yaml", text.encode(), 4), headless.rows(), ("d",), ("p",), "head")


def values(text: str) -> Any:
    return read(translated(text).data, 4)


@pytest.mark.parametrize("row", headless.rows(), ids=lambda row: dotted(row.old))
def test_each_row_of_the_table(row: Row) -> None:
    tree: dict[str, Any] = {}
    insert(tree, row.old, "mine")
    found = translate(Places("f", str(tree).encode(), 4), headless.rows(), (), (), "head")
    if row.new is None:
        assert [each.path for each in found.unmapped] == [row.old]
        assert found.unmapped[0].reason == row.note
        return
    assert found.unmapped == ()
    assert lookup(read(found.data, 4), row.new) == (["mine"] if row.as_list else "mine")


def test_a_secret_by_name_brings_the_password_of_redis() -> None:
    assert values("secrets: {useSecretName: keys}\n")["global"]["redis"]["passSecret"] == {
        "name": "keys",
        "keyName": "redisPass",
        "sentinelKeyName": "redisSentinelPass",
    }
    assert lookup(values("secrets: {useSecretName: ''}\n"), ("global", "redis", "passSecret")) is ABSENT


def test_what_tyk_headless_does_by_default_is_written_down() -> None:
    found = values("{}\n")
    assert found["global"]["servicePorts"]["gateway"] == 443
    assert found["tyk-gateway"]["gateway"]["service"]["type"] == "NodePort"
    assert values("gateway: {service: {port: 80}}\n")["global"]["servicePorts"]["gateway"] == 80


def test_the_pumps_backend_and_its_other_keys_come_together() -> None:
    pump = values("backend: mongo\npump: {enabled: true, replicaCount: 2, mounts: []}\n")["tyk-pump"]["pump"]
    assert pump == {"backend": ["mongo"], "replicaCount": 2}


def test_what_has_no_row_is_reported_with_its_line() -> None:
    found = translated("# c\nodd: {deep: [1]}\n\nrbac: true\n")
    assert [(dotted(each.path), each.line) for each in found.unmapped] == [("odd.deep", 2), ("rbac", 4)]
    assert "odd" not in found.values


def test_comments_travel_and_say_where_a_key_was() -> None:
    text = translated("gateway:\n  # three zones\n  replicaCount: 3\n").data.decode()
    assert "    # three zones\n    # was gateway.replicaCount\n    replicaCount: 3\n" in text
    assert text.startswith("# head\n")
