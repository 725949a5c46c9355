"""What is on record about the planned move, and the Go plugins it concerns, in a JSON document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helm_tyk_upgrade.model.knowledge import GoPlugin, GoPlugins, TransitionFinding
from helm_tyk_upgrade.report.json_document import filled, maybe


def transition_data(found: Iterable[TransitionFinding]) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "component": each.component,
            "severity": each.severity,
            "what": each.what,
            "concerns": maybe(each.concerns),
            "evidence": list(each.evidence),
            "todo": each.todo,
            "source": each.source,
            "oneWay": each.one_way,
            **filled(check=each.check),
        }
        for each in found
    ]


def plugins_data(found: GoPlugins) -> dict[str, Any]:
    return {
        "plugins": [_plugin(plugin) for plugin in found.plugins],
        "commands": list(found.commands),
        "unasked": list(found.unasked),
        "notes": list(found.notes),
        "rebuild": maybe(found.rebuild),
        **filled(preflight=found.preflight),
    }


def _plugin(plugin: GoPlugin) -> dict[str, Any]:
    return {
        "where": plugin.where,
        "path": plugin.path,
        "lookedFor": list(plugin.looked_for),
        "present": maybe(plugin.present, list),
        "sure": plugin.sure,
    }
