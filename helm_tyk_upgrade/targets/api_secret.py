"""The secret of the Gateway API, from where the gateway's pod has it. Never shown, never in argv."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.gateway import SecretRef
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors


def api_secret(context: Doors, namespace: str, where: SecretRef | str | None) -> Maybe[str]:
    """The plain secret, made known to the masker; unknown with the reason where it cannot be read."""
    if where is None:
        return Unknown("the gateway's pod names no API secret")
    if isinstance(where, str):
        context.masker.learn([where])
        return Known(where)
    try:
        data = context.cluster.get("v1", "Secret", where.name, namespace).get("data") or {}
        value = base64.b64decode(data[where.key], validate=True).decode()
    except (ClusterError, NotFound) as error:
        return Unknown(f"the API secret cannot be read: {error.message}")
    except (KeyError, binascii.Error, UnicodeDecodeError):
        return Unknown(f"Secret {where.name} has no usable key {where.key}")
    context.masker.learn([value])
    return Known(value)
