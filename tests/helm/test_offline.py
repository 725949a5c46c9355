"""Helm that asks no cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from helm_tyk_upgrade.edge.process import Completed, Processes
from helm_tyk_upgrade.errors import TykUpgradeError
from helm_tyk_upgrade.helm.offline import NO_CLUSTER, OfflineHelm
from helm_tyk_upgrade.model.inputs import Capabilities, Layers, UpgradeFlags
from helm_tyk_upgrade.model.secrets import Masker


class Door:
    """Remembers the words."""

    def __init__(self) -> None:
        self.words: list[list[str]] = []

    def run(self, words: list[str], **more: Any) -> Completed:
        self.words.append(words)
        return Completed(tuple(words), 0, b"kind: ConfigMap\n", b"")


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def helm(door: Door) -> OfflineHelm:
    told = Capabilities("1.34.0", ("a/v1", "b/v1"))
    return OfflineHelm(cast(Processes, door), "helm", told, masker=Masker())


def test_an_upgrade_is_rendered_by_template_with_the_capabilities(helm: OfflineHelm, door: Door) -> None:
    flags = UpgradeFlags(history_max=3, force_conflicts=True, passed=("--no-hooks", "--take-ownership"))
    rendered = helm.render("tyk", "edge", "c.tgz", Layers(("v.yaml",)), flags)
    assert (rendered.manifest, rendered.hooks) == ("kind: ConfigMap\n", "")
    (words,) = door.words
    assert (
        words[1:]
        == (
            "template tyk c.tgz --namespace edge --is-upgrade --values v.yaml"
            " --kube-version 1.34.0 --api-versions a/v1 --api-versions b/v1 --no-hooks"
        ).split()
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda helm: helm.releases("edge"),
        lambda helm: helm.release("tyk", "edge"),
        lambda helm: helm.metadata("tyk", "edge"),
        lambda helm: helm.history("tyk", "edge"),
    ],
)
def test_what_only_the_cluster_knows_is_not_asked(helm: OfflineHelm, door: Door, ask: Any) -> None:
    with pytest.raises(TykUpgradeError, match="no cluster was asked") as raised:
        ask(helm)
    assert NO_CLUSTER in raised.value.message
    assert door.words == []


def test_charts_are_still_fetched(helm: OfflineHelm, door: Door, tmp_path: Path) -> None:
    assert helm.show_values("c.tgz") == b"kind: ConfigMap\n"
    assert [words[1] for words in door.words] == ["show"]
