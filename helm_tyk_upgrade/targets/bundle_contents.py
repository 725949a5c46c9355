"""What goes into a bundle: the user's files byte for byte, what Helm keeps, what the gateway holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.known import Unknown
from helm_tyk_upgrade.model.plan import ValuesFile
from helm_tyk_upgrade.model.release import Release, Stored
from helm_tyk_upgrade.store.bundle import BundleFile
from helm_tyk_upgrade.targets.definitions import FILE as DEFINITIONS
from helm_tyk_upgrade.targets.definitions import definition_files
from helm_tyk_upgrade.targets.gateway_pods import gateway_workload

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors


@dataclass(frozen=True)
class BundleContents:
    """missing: what could not be had, with the reason, in words; in_emptydir: the gateway keeps API definitions or
    policies where a replaced pod loses them."""

    files: list[BundleFile]
    facts: dict[str, Any]
    missing: tuple[str, ...]
    in_emptydir: bool = False

    @property
    def has_definitions(self) -> bool:
        return any(file.name == DEFINITIONS for file in self.files)


def bundle_contents(context: Doors, release: Release, files: tuple[ValuesFile, ...]) -> BundleContents:
    """Raises HelmError when the release itself cannot be read; what the gateway does not tell is only missing."""
    stored = context.helm.stored(release.name, release.namespace)
    history = context.helm.history(release.name, release.namespace)
    kept = [_values_file(number, file) for number, file in enumerate(files, start=1)]
    kept += _release_files(stored)
    kept.append(_json("release/history.json", [item.__dict__ for item in history]))
    missing: list[str] = []
    facts: dict[str, Any] = {
        "revision": release.revision,
        "chart": f"{release.chart}-{release.chart_version}",
        "status": release.status,
    }
    gateway = gateway_workload(split(stored.manifest), release.namespace)
    if gateway is None:
        missing.append("API definitions: the release has no Tyk gateway")
    else:
        facts["gateway_versions"] = [gateway.spec.version] if gateway.spec.version else []
        facts["images"] = [gateway.spec.image]
        try:
            found = definition_files(context, gateway)
        except TykUpgradeError as error:
            missing.append(f"API definitions and policies: {error.message}")
        else:
            if isinstance(found, Unknown):
                missing.append(f"API definitions and policies: {found.reason}")
            else:
                kept += found.value
    in_emptydir = gateway is not None and (gateway.spec.apps_in_emptydir or gateway.spec.policies_in_emptydir)
    return BundleContents(kept, facts, tuple(missing), in_emptydir)


def _values_file(number: int, file: ValuesFile) -> BundleFile:
    path = Path(file.path)
    return BundleFile(f"values/{number:02d}-{path.name}", file.data, str(path.absolute()), file.mode)


def _release_files(stored: Stored) -> list[BundleFile]:
    return [
        _json("release/values.json", stored.values),
        BundleFile("release/manifest.yaml", stored.manifest.encode()),
        BundleFile("release/hooks.yaml", stored.hooks.encode()),
        _json("release/metadata.json", stored.release.__dict__),
    ]


def _json(name: str, value: object) -> BundleFile:
    return BundleFile(name, json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n")
