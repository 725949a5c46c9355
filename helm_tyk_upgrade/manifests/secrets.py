"""The secret values a manifest holds, for the masker to learn before anything of it is shown."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Any

from helm_tyk_upgrade.manifests.split import ManifestObject, mapping, maps
from helm_tyk_upgrade.manifests.workloads import pod_template
from helm_tyk_upgrade.model.secrets import is_secret_entry, is_secret_name


def secret_values(objects: Iterable[ManifestObject]) -> tuple[str, ...]:
    """Plain texts of the entries of Secrets, and of environment variables and flags that are named like a secret."""
    found: dict[str, None] = {}
    for item in objects:
        texts = _of_secret(item.data) if item.id.kind == "Secret" else _of_pods(item)
        found.update(dict.fromkeys(texts))
    return tuple(found)


def _of_secret(data: dict[str, Any]) -> Iterator[str]:
    plain = mapping(data.get("stringData")).items()
    encoded = ((key, _decoded(value)) for key, value in mapping(data.get("data")).items())
    for key, text in (*plain, *encoded):
        if isinstance(text, str) and is_secret_entry(str(key), text):
            yield text


def _decoded(value: Any) -> Any:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError, TypeError):
        return value


def _of_pods(item: ManifestObject) -> Iterator[str]:
    spec = mapping((pod_template(item) or {}).get("spec"))
    for container in (*maps(spec.get("initContainers")), *maps(spec.get("containers"))):
        for variable in maps(container.get("env")):
            value = variable.get("value")
            if isinstance(value, str) and is_secret_name(str(variable.get("name", ""))):
                yield value
        for words in (container.get("command"), container.get("args")):
            yield from _of_command(words if isinstance(words, list) else [])


def _of_command(words: list[Any]) -> Iterator[str]:
    """`--api-key hush` and `--api-key=hush`."""
    for word, after in zip(words, [*words[1:], ""], strict=False):
        if not isinstance(word, str) or not word.startswith("-"):
            continue
        flag, separator, given = word.partition("=")
        value = given if separator else after
        named = is_secret_name(flag.lstrip("-").replace("-", "_"))
        if named and isinstance(value, str) and not value.startswith("-"):
            yield value
