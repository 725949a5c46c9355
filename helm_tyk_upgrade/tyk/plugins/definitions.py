"""Go plugins named in an API definition, classic or OAS. Pure.

Fields: apidef/api_definitions.go and apidef/oas/{middleware,operation,authentication}.go of the gateway, 4.0 to 5.13.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helm_tyk_upgrade.tyk.plugins.found import Found, below, mapping, maps, text

GO = "goplugin"
_HOOKS = ("pre", "post_key_auth", "post", "response")
_OAS_HOOKS = ("prePlugin", "postAuthenticationPlugin", "postPlugin", "responsePlugin")
_PER_ENDPOINT = ("operations", "mcpTools", "mcpResources", "mcpPrompts")


def in_definition(where: str, document: Mapping[str, Any]) -> tuple[Found, ...]:
    """Every Go plugin and every bundle that an API definition names; entries that are switched off are left out.

    where: the API in words. document: of any shape and either form; what is not understood names nothing.
    """
    extension = below(document, "x-tyk-api-gateway")
    return (
        *_classic(where, dict(document)),
        *_oas(f"{where}: x-tyk-api-gateway", extension),
    )


def _classic(where: str, document: dict[str, Any]) -> Iterator[Found]:
    middleware = below(document, "custom_middleware")
    driver = text(middleware.get("driver"))
    bundle = text(document.get("custom_middleware_bundle"))
    if bundle and document.get("custom_middleware_bundle_disabled") is not True:
        yield _bundle(f"{where}: custom_middleware_bundle", bundle, driver)
    hooks = [
        (f"custom_middleware.{hook}[{at}]", entry)
        for hook in _HOOKS
        for at, entry in enumerate(maps(middleware.get(hook)))
    ]
    hooks.append(("custom_middleware.auth_check", mapping(middleware.get("auth_check"))))
    named = [
        found
        for place, entry in hooks
        if entry.get("disabled") is not True
        for found in _file(f"{where}: {place}", entry.get("path"), entry.get("name"), driver)
    ]
    yield from named
    if driver == GO and not named and not bundle:
        yield Found(f"{where}: custom_middleware.driver", "", sure=False)
    yield from _per_path(where, document)
    analytics = below(document, "analytics_plugin")
    if analytics.get("enable") is not False:
        path, symbol = analytics.get("plugin_path"), analytics.get("func_name")
        yield from _file(f"{where}: analytics_plugin", path, symbol, GO)


def _per_path(where: str, document: dict[str, Any]) -> Iterator[Found]:
    for version, described in below(document, "version_data", "versions").items():
        for at, entry in enumerate(maps(below(described, "extended_paths").get("go_plugin"))):
            if entry.get("disabled") is not True:
                place = f"{where}: version {text(version)}, extended_paths.go_plugin[{at}]"
                symbol = entry.get("func_name") or entry.get("symbol_name")
                yield from _file(place, entry.get("plugin_path"), symbol, GO)


def _oas(where: str, extension: dict[str, Any]) -> Iterator[Found]:
    common = below(extension, "middleware", "global")
    config = below(common, "pluginConfig")
    driver = text(config.get("driver"))
    bundle = below(config, "bundle")
    archive = text(bundle.get("path")) if bundle.get("enabled") is not False else ""
    if archive:
        yield _bundle(f"{where}.middleware.global.pluginConfig.bundle", archive, driver)
    named = list(_oas_hooks(where, extension, common, driver))
    yield from named
    if driver == GO and not named and not archive:
        yield Found(f"{where}.middleware.global.pluginConfig.driver", "", sure=False)
    for at, entry in _on(below(common, "trafficLogs").get("plugins")):
        place = f"{where}.middleware.global.trafficLogs.plugins[{at}]"
        yield from _file(place, entry.get("path"), _symbol(entry), GO)
    for group in _PER_ENDPOINT:
        for name, operation in below(extension, "middleware", group).items():
            for at, entry in _on(mapping(operation).get("postPlugins")):
                place = f"{where}.middleware.{group}.{text(name)}.postPlugins[{at}]"
                yield from _file(place, entry.get("path"), _symbol(entry), GO)


def _oas_hooks(where: str, extension: dict[str, Any], common: dict[str, Any], driver: str) -> Iterator[Found]:
    for hook in _OAS_HOOKS:
        # Until 5.3 `prePlugin: {plugins: [...]}`, since then `prePlugins: [...]`, which wins.
        lists = (
            (f"{hook}s", common.get(f"{hook}s")),
            (f"{hook}.plugins", below(common, hook).get("plugins")),
        )
        place, entries = next((one for one in lists if one[1]), lists[0])
        for at, entry in _on(entries):
            label = f"{where}.middleware.global.{place}[{at}]"
            yield from _file(label, entry.get("path"), _symbol(entry), driver)
    custom = below(extension, "server", "authentication", "custom")
    config = below(custom, "config")
    if custom.get("enabled") is not False and config.get("enabled") is not False:
        label = f"{where}.server.authentication.custom.config"
        yield from _file(label, config.get("path"), _symbol(config), driver)


def _on(entries: Any) -> list[tuple[int, dict[str, Any]]]:
    return [(at, entry) for at, entry in enumerate(maps(entries)) if entry.get("enabled") is not False]


def _symbol(entry: dict[str, Any]) -> Any:
    return entry.get("functionName") or entry.get("name")


def _bundle(where: str, name: str, driver: str) -> Found:
    """Its manifest.json decides the language; a driver beside it says which one is meant."""
    return Found(where, name, kind="bundle", sure=driver == GO)


def _file(where: str, path: Any, symbol: Any, driver: str) -> Iterator[Found]:
    shown = text(path)
    if shown and (driver == GO or str(path).endswith(".so")):
        yield Found(where, shown, text(symbol))
