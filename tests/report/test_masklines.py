"""Secrets in text: hidden by their key wherever it stands, and everything else left as it is."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.report.masklines import mask_lines
from helm_tyk_upgrade.report.text_diff import unified

KEY = b"a key for the tests only"


def shown(text: str) -> str:
    return "\n".join(mask_lines(text.split("\n"), Masker(KEY)))


@pytest.mark.parametrize(
    "text",
    [
        "pass: hush",
        "password: hush # comment",
        "- token: hush",
        "#  apiKey: hush",
        'a: {pass: hush, "secret": "hush"}',
        "pass: 'hu''sh hush'",
        'pass: "hush \\" hush"',
        "pass: hush, hush] hush}",
        "secret=hush",
        '"secret": "hush",',
        "url: redis://:hush@host:6379",
        "dsn: host=a password=hush dbname=b",
        "privateKey: |\n  hush\n\n  hush\nnext: x",
        "privateKey: |-\n  hush\n  - hush: hush\nnext: x",
        "pass:\n  hush\nnext: x",
        "pass: hush\n  hush\nnext: x",
        'pass: "hush\n  hush"\nnext: x',
        "tokens:\n- hush\n- hush",
        "tokens:\n  - hush\n  - hush",
        "env:\n- name: TYK_GW_SECRET\n  value: hush",
        "env:\n- value: hush\n  name: TYK_GW_SECRET",
        "env:\n  - name: TYK_GW_SECRET\n    other: x\n    value: hush\n  - name: B\n    value: x",
        "env: [{name: TYK_GW_SECRET, value: hush}]",
        'env: [{"name": "TYK_GW_SECRET", "value": "hush"}]',
        "# - name: TYK_GW_SECRET\n#   value: hush",
        '{\\"secret\\": \\"hush\\"}',
        "export TYK_GW_SECRET=hush",
        "  pass:    hush",
        "pass: &anchor hush",
        "pass: !!str hush",
    ],
)
def test_hidden(text: str) -> None:
    assert "hush" not in shown(text)
    assert "secret:" in shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "replicaCount: 3",
        "pass: ''",
        'pass: ""',
        "pass:",
        "pass: null",
        "useSecretName: my-secret",
        "secretName: tls",
        "passSecret:\n  name: redis\n  keyName: pass",
        "secrets:\n  useSecretName: x",
        "imagePullSecrets:\n- name: registry",
        "env:\n- name: LOGLEVEL\n  value: debug",
        "env:\n- name: A\n  value: one\n- name: TYK_GW_SECRET\n  valueFrom: {x: y}",
        "# just words about a password",
        "script: |\n  echo hello\n  exit 0",
        "auth: {}",
        "token: true",
        "",
    ],
)
def test_left_alone(text: str) -> None:
    assert shown(text) == text


def test_only_the_value_is_replaced() -> None:
    fingerprint = Masker(KEY).fingerprint("hush")
    assert shown("a:\n  pass: hush\n  port: 1") == f"a:\n  pass: {fingerprint}\n  port: 1"
    assert shown("{pass: hush, port: 1}") == f"{{pass: {fingerprint}, port: 1}}"
    assert shown("pass: 'hush'") == f"pass: {fingerprint}"


def test_a_block_keeps_its_shape() -> None:
    lines = shown("key: |\n  one\n  two\nnext: x").split("\n")
    assert [line[:9] for line in lines] == ["key: |", "  secret:", "  secret:", "next: x"]


BEFORE = b"pass: hush-1\nport: 1\nkey: |\n  hush-2\nend: x\n"


def test_a_diff_tells_that_a_secret_changed_but_not_to_what() -> None:
    lines = unified("values.yaml", BEFORE, BEFORE.replace(b"hush-2", b"hush-3"), Masker(KEY), context=0)
    assert [line[:10] for line in lines] == [
        "--- a/valu",
        "+++ b/valu",
        "@@ -4 +4 @",
        "-  secret:",
        "+  secret:",
    ]
    assert "hush" not in "".join(lines)
    assert lines[3][1:] != lines[4][1:]


@pytest.mark.parametrize(
    ("after", "count"),
    [
        (BEFORE, 0),
        (BEFORE.replace(b"\n", b"\r\n"), 13),
        (BEFORE.replace(b"pass: hush-1", b'pass: "hush-1"'), 3),
        (BEFORE.replace(b"port: 1", b"port: 2"), 9),
        (b"\xef\xbb\xbf" + BEFORE, 8),
    ],
)
def test_every_change_of_bytes_is_said(after: bytes, count: int) -> None:
    assert len(unified("values.yaml", BEFORE, after, Masker(KEY))) == count
