"""Secrets in YAML of any style: generated trees written in many ways, and real values files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.model.secrets import Masker, is_secret_name
from helm_tyk_upgrade.report.maskyaml import mask_text

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "values"
KEYS = (
    "pass",
    "APISecret",
    "token",
    "port",
    "name",
    "value",
    "image",
    "tls",
    "key",
    "privateKey",
    "list",
    "auth",
)
# Writings that end a plain scalar early, or look like something else, when read carelessly.
HARD = (
    "zq{}",
    "zq{}, b]c",
    "zq{} # x",
    "zq{}: y",
    "zq'{}",
    'zq"{}',
    "zq{}\nzq two\n",
    "zq{}\n\n  zq indented\nzq: last",
    "- zq{}",
    "{{zq{}}}",
    "  zq{}",
    "zq{}" + " long" * 20 + " zq",
)


def secret(rng: random.Random) -> str:
    return rng.choice(HARD).format(rng.randrange(10**6))


def tree(rng: random.Random, depth: int, secrets_here: bool = False) -> Any:
    if depth == 0 or rng.random() < 0.35:
        plain = ("x", "plain text", 1, True, None, "two\nlines: text\n", "http://h")
        return secret(rng) if secrets_here else rng.choice(plain)
    if rng.random() < 0.6:
        names = rng.sample(KEYS, rng.randint(1, 5))
        return {name: tree(rng, depth - 1, is_secret_name(name)) for name in names}
    return [tree(rng, depth - 1, secrets_here) for _ in range(rng.randint(1, 3))]


def variables(rng: random.Random) -> list[dict[str, Any]]:
    found = []
    for name, value in (("LEVEL", "debug"), ("TYK_GW_SECRET", secret(rng)), ("B", "x")):
        pairs: list[tuple[str, Any]] = [("name", name), ("value", value), ("x", 1)]
        rng.shuffle(pairs)
        found.append(dict(pairs))
    return found


def written(rng: random.Random) -> str:
    data = {"top": tree(rng, 4), "extraEnvs": variables(rng), "other": tree(rng, 3)}
    return yaml.safe_dump(
        data,
        sort_keys=False,
        default_flow_style=rng.choice([False, True, None]),
        width=rng.choice([40, 80, 1000]),
        indent=rng.choice([2, 4]),
        default_style=rng.choice([None, None, '"', "'", "|"]),
    )


@pytest.mark.parametrize("seed", range(8))
def test_no_secret_is_left_in_any_style_of_writing(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(25):
        text = written(rng)
        lines = mask_text(text, Masker())
        assert len(lines) == len(text.split("\n"))
        assert "zq" not in "\n".join(lines), text


@pytest.mark.parametrize("seed", range(4))
def test_commented_out_values_are_masked_too(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(20):
        text = "port: 1\n" + "\n".join("#" + line for line in written(rng).split("\n"))
        assert "zq" not in "\n".join(mask_text(text, Masker())), text


def test_an_alias_gives_its_secret_away_nowhere() -> None:
    text = "shared: &p hush-hush\nredis:\n  pass: *p\nbase: &b {token: hush-two}\nmore:\n  <<: *b\n"
    assert "hush" not in "\n".join(mask_text(text, Masker()))


def test_later_documents_are_masked_too() -> None:
    assert "hush" not in "\n".join(mask_text("a: 1\n---\nb: {pass: 'hu''sh hush'}\n", Masker()))


def test_broken_text_goes_by_the_look_of_its_lines() -> None:
    assert "hush" not in "\n".join(mask_text("a: [\npass: hush\n", Masker()))


@pytest.mark.parametrize("text", ["a: 1\n", "# only words\n", "", "a: {b: [1, 2]}\n# pass the salt\n"])
def test_text_without_secrets_stays(text: str) -> None:
    assert "\n".join(mask_text(text, Masker())) == text


def secrets_of(data: Any, name: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        holder = data.get("name")
        for key, value in data.items():
            yield from secrets_of(value, holder if key == "value" and isinstance(holder, str) else key)
    elif isinstance(data, list):
        for item in data:
            yield from secrets_of(item, name)
    elif isinstance(data, str) and is_secret_name(name):
        yield data


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of values files is not here")
def test_real_values_files_keep_their_secrets() -> None:
    checked = 0
    for path in sorted(CORPUS.glob("*.yaml"))[::6]:
        try:
            data = helmyaml.read(path.read_bytes(), 4)
        except helmyaml.UnreadableYaml:
            continue
        # What is long and stands nowhere else: "string" or "secret" is also just a word.
        text = path.read_text(errors="replace").replace("\r\n", "\n")
        planted = {value for value in secrets_of(data) if len(value) >= 12 and text.count(value) == 1}
        shown = "\n".join(mask_text(text, Masker()))
        assert not [value for value in planted if value in shown], path.name
        checked += len(planted)
    assert checked > 5
