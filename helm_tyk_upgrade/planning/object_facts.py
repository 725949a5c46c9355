"""What the two manifests say beside their differences: gateways, rights, randomness."""

from __future__ import annotations

import re
from pathlib import Path

from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.chart import ChartFiles
from helm_tyk_upgrade.model.facts import GatewayObject
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags
from helm_tyk_upgrade.model.release import Rendered, Stored
from helm_tyk_upgrade.targets.gateway_pods import gateway_objects
from helm_tyk_upgrade.targets.rights import ObjectRight, of_manifests

# Functions of Helm and sprig that answer differently each time. Values count too: a chart may `tpl` them.
_RANDOM = re.compile(
    rb"\b(rand(AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|gen(PrivateKey|CA|SelfSignedCert|SignedCert)\w*|uuidv4|shuffle"
    rb"|htpasswd|bcrypt|encryptAES|now|ago|unixEpoch)\b"
)


def gateways_of(manifest: str, namespace: str) -> tuple[GatewayObject, ...]:
    """The gateways of a manifest, the one that is proven first."""
    return gateway_objects(split(manifest), namespace)


def object_rights(stored: Stored, rendered: Rendered, flags: UpgradeFlags) -> tuple[ObjectRight, ...]:
    """What Helm needs to be allowed to get from what is stored to what is rendered, and back."""
    release = stored.release
    return of_manifests(
        split(stored.manifest),
        split(rendered.manifest),
        release.namespace,
        server_side=release.apply_method == "server-side apply",
        hooks=() if "--no-hooks" in flags.passed else split(rendered.hooks),
    )


def may_be_random(chart: ChartFiles, planned: Layers, flags: UpgradeFlags) -> bool:
    """Whether two renders of the same may differ, so that a second one is worth its time. A values document that Helm
    fetches may say anything."""
    texts = (
        data for path, data in chart.files.items() if "/templates/" in f"/{path}" or path.endswith(".yaml")
    )
    given = [text for _, text in planned.sets]
    unread = any("://" in document for document in planned.documents if isinstance(document, str))
    values = [document if isinstance(document, bytes) else _local(document) for document in planned.documents]
    if flags.post_renderer or unread:
        return True
    return any(map(_RANDOM.search, (*texts, *values, *map(str.encode, given))))


def _local(document: str) -> bytes:
    return b"" if "://" in document else read_file(Path(document), what="values file").data
