"""The Gateway API (`/tyk/...`): what is loaded, and putting it back. Every answer is known, or unknown and
why.

https://tyk.io/docs/tyk-gateway-api
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from helm_tyk_upgrade.gateway.http import Answer, Loopback
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, NoHello, Policy
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.secrets import printable

_LIMIT = 256 << 20
"""Bytes of a list that are read: thousands of API definitions are tens of megabytes."""
_OAS = "x-tyk-api-gateway"


class GatewayAdmin:
    """One gateway pod, asked with its API secret."""

    def __init__(self, gateway: Loopback, secret: str) -> None:
        self._gateway = gateway
        self._headers = {"x-tyk-authorization": secret}

    def inventory(self) -> Maybe[Inventory]:
        """All APIs and policies; unknown as soon as one part is."""
        apis = self.apis()
        if isinstance(apis, Unknown):
            return apis
        policies = self.policies()
        if isinstance(policies, Unknown):
            return policies
        return Known(Inventory(apis.value, policies.value))

    def apis(self) -> Maybe[tuple[ApiDefinition, ...]]:
        """Every API once. The classic list repeats OAS APIs in classic form and leaves out MCP ones unless
        asked."""
        lists: list[list[dict[str, Any]]] = []
        for path in ("/tyk/apis", "/tyk/apis/oas", "/tyk/apis?include_types=mcp"):
            found = self._list(path)
            if isinstance(found, Unknown):
                return found
            lists.append(found.value)
        return Known(merge_apis(*lists))

    def policies(self) -> Maybe[tuple[Policy, ...]]:
        """Every policy. Some versions show an empty policy file as one blank policy, which is none."""
        found = self._list("/tyk/policies")
        if isinstance(found, Unknown):
            return found
        return Known(tuple(filter(None, map(parse_policy, found.value))))

    def create_api(self, api: ApiDefinition) -> Maybe[str]:
        """Add an API under its own id; it is served after a reload. Returns the id."""
        if api.form == "mcp":
            return Unknown(f"MCP API {api.id} cannot be created through the Gateway API of every version")
        path = "/tyk/apis/oas" if api.form == "oas" else "/tyk/apis"
        return self._post(path, api.document, api.id)

    def create_policy(self, policy: Policy) -> Maybe[str]:
        """Add a policy under its own id; needs a policy path that can be written. Returns the id."""
        return self._post("/tyk/policies", policy.document, policy.id)

    def reload(self) -> Maybe[None]:
        """Load what was created; returns when this pod serves it."""
        answer = self._accepted(self._gateway.request("GET", "/tyk/reload?block=true", headers=self._headers))
        return answer if isinstance(answer, Unknown) else Known(None)

    def _list(self, path: str) -> Maybe[list[dict[str, Any]]]:
        answer = self._gateway.request("GET", path, headers=self._headers, limit=_LIMIT)
        accepted = self._accepted(answer)
        if isinstance(accepted, Unknown):
            # Gateways before OAS have no such list, and answer as for an unknown API id.
            absent = isinstance(answer, Answer) and answer.status in (400, 404) and path == "/tyk/apis/oas"
            return Known([]) if absent else accepted
        if accepted.value is None:
            return Known([])
        if not isinstance(accepted.value, list):
            return Unknown(f"{path} did not answer with a list")
        return Known([item for item in accepted.value if isinstance(item, dict)])

    def _post(self, path: str, document: Mapping[str, Any], name: str) -> Maybe[str]:
        content = json.dumps(document).encode()
        headers = {**self._headers, "Content-Type": "application/json"}
        accepted = self._accepted(self._gateway.request("POST", path, headers=headers, content=content))
        return accepted if isinstance(accepted, Unknown) else Known(name)

    def _accepted(self, answer: Answer | NoHello) -> Maybe[Any]:
        if isinstance(answer, NoHello):
            return Unknown(answer.reason)
        if answer.status == 403:
            return Unknown("the gateway does not accept the API secret")
        if answer.cut:
            return Unknown(f"the answer is larger than {_LIMIT >> 20} MiB")
        try:
            document = json.loads(answer.body)
        except ValueError:
            return Unknown(f"HTTP {answer.status} and no JSON: is this the port of the Gateway API?")
        if answer.status != 200:
            message = document.get("message") if isinstance(document, dict) else ""
            return Unknown(f"HTTP {answer.status}: {printable(str(message))[:300]}")
        return Known(document)


def merge_apis(
    classic: Iterable[dict[str, Any]], oas: Iterable[dict[str, Any]], with_mcp: Iterable[dict[str, Any]]
) -> tuple[ApiDefinition, ...]:
    """The three lists of a gateway as one, by id: OAS form where there is one. Pure."""
    found: dict[str, ApiDefinition] = {}
    for document in classic:
        api = _api(document, "classic")
        found[api.id] = api
    for document in with_mcp:
        api = _api(document, "mcp")
        found.setdefault(api.id, api)
    for document in oas:
        info = (document.get(_OAS) or {}).get("info") or {}
        api = ApiDefinition(
            str(info.get("id") or ""), printable(str(info.get("name") or "")), "oas", document
        )
        found[api.id] = api
    return tuple(sorted(found.values(), key=lambda api: api.id))


def _api(document: dict[str, Any], form: Literal["classic", "mcp"]) -> ApiDefinition:
    return ApiDefinition(
        str(document.get("api_id") or ""), printable(str(document.get("name") or "")), form, document
    )


def parse_policy(document: dict[str, Any]) -> Policy | None:
    """None for a blank one."""
    name = str(document.get("id") or document.get("_id") or "")
    if not name and not document.get("name") and not document.get("access_rights"):
        return None
    return Policy(name, printable(str(document.get("name") or "")), document)
