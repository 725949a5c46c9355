"""Helm's global flags. As a plugin they arrive in the environment; as `tyk-upgrade`, and for the few that Helm
does not eat (`-ntyk`, `--qps 3`), in argv, wherever they stand. Either way they end up in the environment, where
a child helm finds them too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from helm_tyk_upgrade.errors import UsageError

_WITH_VALUE = {
    "--namespace": "HELM_NAMESPACE",
    "-n": "HELM_NAMESPACE",
    "--kube-context": "HELM_KUBECONTEXT",
    "--kubeconfig": "KUBECONFIG",
    "--kube-apiserver": "HELM_KUBEAPISERVER",
    "--kube-token": "HELM_KUBETOKEN",
    "--kube-as-user": "HELM_KUBEASUSER",
    "--kube-as-group": "HELM_KUBEASGROUPS",
    "--kube-ca-file": "HELM_KUBECAFILE",
    "--kube-tls-server-name": "HELM_KUBETLS_SERVER_NAME",
    "--registry-config": "HELM_REGISTRY_CONFIG",
    "--repository-cache": "HELM_REPOSITORY_CACHE",
    "--repository-config": "HELM_REPOSITORY_CONFIG",
    "--content-cache": "HELM_CONTENT_CACHE",
    "--burst-limit": "HELM_BURST_LIMIT",
    "--qps": "HELM_QPS",
    "--color": "HELM_COLOR",
    "--colour": "HELM_COLOR",
}
_SWITCHES = {"--debug": "HELM_DEBUG", "--kube-insecure-skip-tls-verify": "HELM_KUBEINSECURE_SKIP_TLS_VERIFY"}
_LISTS = {"HELM_KUBEASGROUPS"}


class Split(NamedTuple):
    """argv without Helm's global flags, and the environment with them."""

    argv: tuple[str, ...]
    env: Mapping[str, str]


def split_globals(argv: Sequence[str], env: Mapping[str, str]) -> Split:
    """Words after `--` are left alone. Raises UsageError for a flag without its value."""
    rest: list[str] = []
    found: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
            break
        name, has_value, value = word.partition("=")
        if word.startswith("-n") and not word.startswith("-n=") and len(word) > 2:
            name, has_value, value = "-n", "=", word[2:]
        if name in _WITH_VALUE:
            _add(found, _WITH_VALUE[name], value if has_value else _next(words, name))
        elif name in _SWITCHES:
            found[_SWITCHES[name]] = value or "true"
        else:
            rest.append(word)
    return Split(tuple(rest), {**env, **found})


def _next(words: object, flag: str) -> str:
    value = next(words, None)  # type: ignore[call-overload]
    if value is None:
        raise UsageError(f"{flag} needs a value")
    return str(value)


def _add(found: dict[str, str], name: str, value: str) -> None:
    found[name] = f"{found[name]},{value}" if name in _LISTS and name in found else value
