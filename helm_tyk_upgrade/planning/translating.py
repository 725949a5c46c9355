"""A tyk-headless values file as one for tyk-oss, and the way from the old release to a new one beside it."""

from __future__ import annotations

from pathlib import Path

from helm_tyk_upgrade.edge.files import read_file, write_atomic
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.model.translation import Translation
from helm_tyk_upgrade.tyk import headless
from helm_tyk_upgrade.values.places import Places
from helm_tyk_upgrade.values.translate import translate

_PLAN = (
    "save APIs and policies of the old gateway: GET /tyk/apis and /tyk/policies with the APISecret, and the Secrets "
    "that its files come from",
    "install tyk-oss as a new release, in the same namespace and against the same Redis: "
    "helm install NEW {repository} -f {file}",
    "give the new gateway its APIs: by a ConfigMap or volume at /mnt/tyk-gateway/apps, or by POST /tyk/apis and "
    "GET /tyk/reload/group",
    "prove it: helm tyk-upgrade verify NEW, and send it real requests beside the old one",
    "switch the traffic: Ingress, DNS name or load balancer to Service gateway-svc-NEW-tyk-gateway",
    "when nothing asks the old one any more: helm uninstall OLD",
)


def read_translation(path: str, out: str) -> Translation:
    """Reads the file and translates it; writes nothing. out: where the new file will be, for the plan's words. Raises
    TykUpgradeError for a file that is no tyk-headless values file."""
    found = read_file(Path(path), what="values file")
    file = Places(path, found.data, 4)
    if file.encrypted:
        raise TykUpgradeError(
            f"{path} is encrypted by sops", "decrypt it first: sops -d; encrypt the new file again"
        )
    if {"global", "tyk-gateway"} & file.values.keys():
        raise TykUpgradeError(
            f"{path} has keys of tyk-oss already (global, tyk-gateway)",
            "--translate is for values of tyk-headless; without it, values judges these",
        )
    old, new = headless.covers()
    head = f"Values of {new.partition(' ')[0]}, from {Path(path).name} ({old}).\nMade for {new}; read before use."
    name = out or "NEW-VALUES.yaml"
    plan = tuple(step.format(file=name, repository="tyk-helm/tyk-oss") for step in _PLAN)
    return translate(file, headless.rows(), headless.differences(), plan, head)


def write_translation(found: Translation, out: str) -> None:
    """The new file, readable by its owner only: it may hold secrets. Raises TykUpgradeError where it exists."""
    target = Path(out)
    if target.exists() or target.is_symlink():
        raise TykUpgradeError(f"{out} exists already", "name another file, or move this one away")
    write_atomic(target, found.data, mode=0o600)
