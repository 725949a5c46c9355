"""A chart without defaults: merging with it tells what the user's layers alone come to."""

from __future__ import annotations

from helm_tyk_upgrade.model.chart import ChartFiles

NO_CHART = ChartFiles(
    "values",
    "0.1.0",
    {},
    {"Chart.yaml": b"apiVersion: v2\nname: values\nversion: 0.1.0\n", "values.yaml": b"{}\n"},
)
