"""The user's own credentials: Docker's config.json with its credential helpers, and Helm's registry config."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.edge.process import Completed, Processes
from helm_tyk_upgrade.errors import NotFound, TykUpgradeError
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.secrets import printable
from helm_tyk_upgrade.registries.credentials import (
    HUB_KEY,
    Credential,
    credentials_for,
    helper_answer,
    helper_for,
    read_config,
)
from helm_tyk_upgrade.registries.reference import HUB, Reference

_HELPER = re.compile(r"[A-Za-z0-9._-]+")
_PATIENCE = 5.0
"""Seconds for a credential helper: some ask a cloud's metadata service."""
_NONE_KEPT = b"credentials not found"
"""Every helper built with Docker's library says so when it keeps none: not an error."""


def own_credentials(
    image: Reference, env: Mapping[str, str], processes: Processes
) -> Iterator[Maybe[Credential]]:
    """What `docker login` and `helm registry login` kept for the image's registry, read when asked for; unknown, with
    the reason, where something there could not be read."""
    for what, path in config_files(env):
        config = _config(what, path)
        if isinstance(config, Unknown):
            yield config
            continue
        helper = helper_for(image, config.value)
        if helper:
            yield from _from_helper(image, helper, what, processes)
        else:
            yield from map(Known, credentials_for(image, config.value.get("auths"), what))


def config_files(env: Mapping[str, str]) -> tuple[tuple[str, Path], ...]:
    """Docker's file and Helm's, each with a name for people; only where the environment says where they would be."""
    home = Path(env["HOME"]) if env.get("HOME") else None
    found = []
    if env.get("DOCKER_CONFIG"):
        found.append(("Docker's config", Path(env["DOCKER_CONFIG"]) / "config.json"))
    elif home:
        found.append(("Docker's config", home / ".docker" / "config.json"))
    helm = _helm_config(env, home)
    if helm:
        found.append(("Helm's registry config", helm))
    return tuple(found)


def _helm_config(env: Mapping[str, str], home: Path | None) -> Path | None:
    """https://helm.sh/docs/helm/helm/: HELM_REGISTRY_CONFIG, else in Helm's configuration folder."""
    if env.get("HELM_REGISTRY_CONFIG"):
        return Path(env["HELM_REGISTRY_CONFIG"])
    if env.get("HELM_CONFIG_HOME"):
        return Path(env["HELM_CONFIG_HOME"]) / "registry" / "config.json"
    if env.get("XDG_CONFIG_HOME"):
        return Path(env["XDG_CONFIG_HOME"]) / "helm" / "registry" / "config.json"
    folder = "Library/Preferences" if sys.platform == "darwin" else ".config"
    return home / folder / "helm" / "registry" / "config.json" if home else None


def _config(what: str, path: Path) -> Maybe[dict[str, Any]]:
    try:
        config = read_config(read_file(path, what=what, limit=1 << 20).data)
    except NotFound:
        return Known({})
    except TykUpgradeError as error:
        return Unknown(error.message)
    return Unknown(f"{what} {path} holds no JSON object") if config is None else Known(config)


def _from_helper(
    image: Reference, helper: str, what: str, processes: Processes
) -> Iterator[Maybe[Credential]]:
    if not _HELPER.fullmatch(helper):
        yield Unknown(f"{what} names a credential helper that no program can be called: {printable(helper)}")
        return
    program = f"docker-credential-{helper}"
    key = HUB_KEY if image.registry == HUB else image.registry
    try:
        done = processes.run([program, "get"], stdin=key.encode(), timeout=_PATIENCE)
    except TykUpgradeError as error:
        yield Unknown(error.message)
        return
    yield from _helped(done, program)


def _helped(done: Completed, program: str) -> Iterator[Maybe[Credential]]:
    """Its outputs are never shown: they may hold the secret."""
    if done.returncode != 0:
        if _NONE_KEPT not in done.stdout + done.stderr:
            yield Unknown(f"{program} ended with exit code {done.returncode}")
        return
    credential = helper_answer(done.stdout, f"{program}")
    if credential is None:
        yield Unknown(f"{program} did not answer as a credential helper does")
    elif not credential.anonymous:
        yield Known(credential)
