"""Which values are told of as secrets in plain text."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.values.cautions import cautions
from helm_tyk_upgrade.values.places import Places


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("a: {password: hunter2}\n", [1], id="a password"),
        pytest.param("tokens:\n  a: maptoken1\n  name: x\n", [2], id="below a map of tokens"),
        pytest.param("env:\n- name: DB_PASSWORD\n  value: x\n", [3], id="a variable"),
        pytest.param("tls: {key: abc}\n", [1], id="a key"),
        pytest.param("tolerations:\n- key: dedicated\n  operator: Exists\n", [], id="a toleration"),
        pytest.param("operatorSecret: tyk-operator-conf\n", [], id="the name of a Secret"),
        pytest.param("connectionString: db/portal.db\n", [], id="a file"),
        pytest.param("connectionString: host=x user=y password=z\n", [1], id="a DSN"),
        pytest.param("mongoURL: mongodb://user:pass@host/db\n", [1], id="a URL with a password"),
        pytest.param("mongoURL: mongodb://host/db\n", [], id="a URL without one"),
    ],
)
def test_plain_secrets(text: str, lines: list[int]) -> None:
    assert [each.line for each in cautions(Places("v", text.encode(), 3))] == lines
