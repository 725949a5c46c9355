"""The hub's JSON documents about a chart, field by field as a real server sends them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import yaml

from testbed.catalogue.charts import Chart, enabled_dependencies, images

NAMESPACE = uuid.UUID("9d3c7a52-6c1e-4d0b-8f55-0b6f6d1f3a11")
CATEGORIES = (
    "ai-machine-learning",
    "database",
    "integration-delivery",
    "monitoring-logging",
    "networking",
    "security",
)


def package_id(repo_name: str, name: str) -> str:
    """The UUID of a package: the same in every run."""
    return str(uuid.uuid5(NAMESPACE, f"{repo_name}/{name}"))


@dataclass(frozen=True)
class Repository:
    """The repository the packages belong to, as the hub knows it."""

    name: str
    url: str

    def package(self, chart: Chart, versions: list[Chart], gateway_tag: str) -> dict[str, Any]:
        """The package at `chart`; `versions` by publish time, newest first."""
        listed = images(chart, gateway_tag)
        return _present(
            {
                **self._identity(chart),
                "is_operator": False,
                "keywords": chart.metadata.get("keywords"),
                "home_url": chart.metadata.get("home"),
                "readme": _text(chart.files.get("README.md")),
                "links": _links(chart),
                "data": self._data(chart),
                "version": chart.version,
                "available_versions": [_available(c) for c in versions],
                "app_version": chart.metadata.get("appVersion"),
                "digest": chart.digest,
                "deprecated": bool(chart.metadata.get("deprecated")),
                **_flags(chart),
                "signed": False,
                "content_url": f"{self.url}/{chart.filename}",
                "containers_images": [{"name": "", "image": image, "whitelisted": False} for image in listed]
                or None,
                "all_containers_images_whitelisted": False,
                "has_values_schema": "values.schema.json" in chart.files,
                "has_changelog": False,
                "ts": chart.ts,
                "maintainers": chart.metadata.get("maintainers"),
                "recommendations": _yaml(chart.annotations.get("artifacthub.io/recommendations")),
                "repository": self._repository(),
                "stats": {"subscriptions": 0, "webhooks": 0},
                "production_organizations_count": 0,
            }
        )

    def row(self, chart: Chart) -> dict[str, Any]:
        """A line of a search, which is the summary as well."""
        return _present(
            {
                **self._identity(chart),
                "stars": 0,
                "version": chart.version,
                "app_version": chart.metadata.get("appVersion"),
                "deprecated": bool(chart.metadata.get("deprecated")),
                "has_values_schema": "values.schema.json" in chart.files,
                "signed": False,
                "all_containers_images_whitelisted": False,
                "production_organizations_count": 0,
                "ts": chart.ts,
                "repository": {key: value for key, value in self._repository().items() if key != "private"},
            }
        )

    def _identity(self, chart: Chart) -> dict[str, Any]:
        category = chart.annotations.get("artifacthub.io/category")
        return {
            "package_id": package_id(self.name, chart.name),
            "name": chart.name,
            "normalized_name": chart.name,
            "category": CATEGORIES.index(category) + 1 if category in CATEGORIES else None,
            "description": chart.metadata.get("description"),
        }

    def _data(self, chart: Chart) -> dict[str, Any]:
        fields = ("name", "version", "repository")
        listed = [
            {field: d.get(field, "") for field in fields} | {"artifacthub_repository_name": self.name}
            for d in enabled_dependencies(chart)
        ]
        return _present(
            {
                "type": chart.metadata.get("type", ""),
                "apiVersion": chart.metadata.get("apiVersion", ""),
                "kubeVersion": chart.metadata.get("kubeVersion", ""),
                "dependencies": listed or None,
            }
        )

    def _repository(self) -> dict[str, Any]:
        return {
            "repository_id": str(uuid.uuid5(NAMESPACE, self.name)),
            "name": self.name,
            "display_name": "Tyk Helm",
            "url": self.url,
            "private": False,
            "kind": 0,
            "verified_publisher": False,
            "official": False,
            "scanner_disabled": True,
            "user_alias": "tyk",
        }


def _available(chart: Chart) -> dict[str, Any]:
    return _present(
        {
            "version": chart.version,
            "app_version": chart.metadata.get("appVersion"),
            **_flags(chart),
            "ts": chart.ts,
        }
    )


def _flags(chart: Chart) -> dict[str, bool]:
    """Only what the chart annotates: the hub never derives them from the version."""
    security, prerelease = "artifacthub.io/containsSecurityUpdates", "artifacthub.io/prerelease"
    return {
        "contains_security_updates": chart.annotations.get(security) == "true",
        "prerelease": chart.annotations.get(prerelease) == "true",
    }


def _links(chart: Chart) -> list[dict[str, str]] | None:
    sources = [{"url": url, "name": "source"} for url in chart.metadata.get("sources") or []]
    more = _yaml(chart.annotations.get("artifacthub.io/links")) or []
    return sources + [{"url": link["url"], "name": link["name"]} for link in more] or None


def _yaml(value: str | None) -> Any:
    return yaml.safe_load(value) if value else None


def _text(data: bytes | None) -> str | None:
    return data.decode() if data else None


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    """Without the null fields: the hub's SQL strips them."""
    return {key: value for key, value in fields.items() if value is not None}
